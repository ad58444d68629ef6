import { entropyOf } from "./entropy.ts";
import { findKeyMaterial } from "./key-material.ts";
import { isPlaceholder } from "./placeholder.ts";
import { readsLikeWords } from "./reads-like-words.ts";
import { SECRET_RULES, type SecretRule } from "./secret-rules.ts";
import { joinSpans, type Span } from "./span.ts";
import { lineAt } from "./text-lines.ts";

/** Rules by keyword, as places in {@link SECRET_RULES}. No keyword is the beginning of another. */
const RULES_OF = new Map<string, number[]>();
for (const [rank, { keywords }] of SECRET_RULES.entries()) {
  for (const keyword of keywords) {
    RULES_OF.set(keyword, [...(RULES_OF.get(keyword) ?? []), rank]);
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const KEYWORD = new RegExp([...RULES_OF.keys()].map(escaped).join("|"), "gi");

/**
 * Finds the secrets in a text, in order.
 *
 * The text is searched once for the keywords of all rules; a rule's pattern is tried only on lines
 * with its keyword. As rules look at single lines, a line has the same secrets in a patch as in code.
 *
 * @param isPatch whether each line begins with a sign, which is no part of it.
 */
export function findSecrets(text: string, isPatch: boolean): Span[] {
  const found: (Span & { rank: number })[] = [];
  let lineStart = 0;
  let lineEnd = -1;
  let tried = new Set<number>();
  KEYWORD.lastIndex = 0;
  for (let hit = KEYWORD.exec(text); hit; hit = KEYWORD.exec(text)) {
    if (hit.index > lineEnd) {
      ({ start: lineStart, end: lineEnd } = lineAt(text, hit.index, isPatch));
      tried = new Set();
    }
    for (const rank of RULES_OF.get(hit[0].toLowerCase()) ?? []) {
      if (tried.has(rank)) continue;
      tried.add(rank);
      const rule = SECRET_RULES[rank] as SecretRule;
      const line = text.slice(lineStart, lineEnd);
      for (const [start, end] of secretsOf(rule, line)) {
        found.push({ start: lineStart + start, end: lineStart + end, id: rule.id, rank });
      }
    }
    // Keywords may overlap.
    KEYWORD.lastIndex = hit.index + 1;
  }
  found.sort((a, b) => a.rank - b.rank);
  const spans = found.map(({ start, end, id }) => ({ start, end, id }));
  return joinSpans([...findKeyMaterial(text, isPatch), ...spans]);
}

/** Characters before a match that tell what it is: `public_` before `key`. */
const CONTEXT = 24;

/** Where a rule finds secrets in a line. */
function* secretsOf(rule: SecretRule, line: string): Generator<[number, number]> {
  const { pattern, group = 0 } = rule;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    const place = match.indices?.[group] ?? match.indices?.[0];
    const end = match.index + match[0].length;
    const context = line.slice(Math.max(0, match.index - CONTEXT), end);
    if (place && isSecret(rule, context, line.slice(...place))) {
      yield place;
      pattern.lastIndex = place[1];
    } else pattern.lastIndex = match.index + 1;
  }
}

function isSecret(rule: SecretRule, context: string, secret: string): boolean {
  const { entropy = 0, isRandom = false, except } = rule;
  if (except?.test(context) || isPlaceholder(secret) || entropyOf(secret) < entropy) return false;
  return !isRandom || (/\d/.test(secret) && /[a-z]/i.test(secret) && !readsLikeWords(secret));
}
