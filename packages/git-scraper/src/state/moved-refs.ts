import type { StateHeader } from "./state-file.ts";

/** Names that a notice lists; of the others it tells how many there are. */
const LISTED = 5;

/**
 * What happened to the refs of an earlier run, beside going forward, as sentences.
 *
 * @param isPartOf whether a commit is part of the history of a ref; undefined if nobody can tell.
 */
export function movedRefs(
  earlier: StateHeader["refs"],
  now: StateHeader["refs"],
  isPartOf: (commit: string, ref: string) => boolean | undefined,
): string[] {
  const tips = new Map(now);
  const deleted: string[] = [];
  const rewritten: string[] = [];
  for (const [ref, commit] of earlier) {
    const tip = tips.get(ref);
    if (tip === undefined) deleted.push(ref);
    else if (tip !== commit && isPartOf(commit, ref) === false) rewritten.push(ref);
  }
  const notices: string[] = [];
  if (deleted.length > 0) notices.push(`Refs that are gone since the last run: ${list(deleted)}.`);
  if (rewritten.length > 0) {
    notices.push(`Refs whose history was rewritten since the last run: ${list(rewritten)}.`);
  }
  return notices;
}

function list(refs: readonly string[]): string {
  const names = refs.slice(0, LISTED).join(", ");
  return refs.length > LISTED ? `${names} and ${refs.length - LISTED} more` : names;
}
