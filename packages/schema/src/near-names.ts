/** So much of a name is compared: a hostile one may be long. */
const COMPARED = 64;

/**
 * The names nearest to one that was not found, for a hint.
 *
 * @param limit how many at most.
 */
export function nearNames(wanted: string, names: readonly string[], limit = 3): string[] {
  const text = wanted.slice(0, COMPARED).toLowerCase();
  const furthest = Math.max(2, text.length / 3);
  return names
    .map((name) => ({ name, distance: editDistance(text, name.slice(0, COMPARED).toLowerCase()) }))
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** Insertions, deletions and replacements from one text to the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let at = 0; at < a.length; at += 1) {
    const next = [at + 1];
    for (let to = 0; to < b.length; to += 1) {
      const replaced = (row[to] as number) + (a[at] === b[to] ? 0 : 1);
      next.push(Math.min(replaced, (row[to + 1] as number) + 1, (next[to] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
