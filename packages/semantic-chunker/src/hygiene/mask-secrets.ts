import { findSecrets } from "./find-secrets.ts";

/** What stands in a text in the place of a secret; no rule takes it for one. */
const markOf = (id: string) => `<SECRET:${id}>`;

/**
 * Replaces each secret in a text by the name of its rule. Nothing else changes; a key of several
 * lines is replaced line by line.
 *
 * @param found takes the rules that found one.
 */
export function maskSecrets(text: string, isPatch: boolean, found: Set<string>): string {
  let result = "";
  let end = 0;
  for (const span of findSecrets(text, isPatch)) {
    found.add(span.id);
    result += text.slice(end, span.start) + markOf(span.id);
    end = span.end;
  }
  return end === 0 ? text : result + text.slice(end);
}
