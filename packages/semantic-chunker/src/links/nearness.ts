/** Number of folders that two paths have in common from the root on. */
function commonFolders(one: string, other: string): number {
  const { length } = one;
  let count = 0;
  for (let at = 0; at < length && one.charCodeAt(at) === other.charCodeAt(at); at += 1) {
    if (one.charCodeAt(at) === 47) count += 1;
  }
  return count;
}

/** Paths, those first that have most folders in common with `path`, else in their own order. */
export function nearestFirst(paths: Iterable<string>, path: string): string[] {
  const scored = Array.from(paths, (other) => ({ other, score: commonFolders(other, path) }));
  scored.sort((a, b) => b.score - a.score || (a.other < b.other ? -1 : 1));
  return scored.map(({ other }) => other);
}

/** The first of {@link nearestFirst}. */
export function nearest(paths: Iterable<string>, path: string): string | undefined {
  let best: string | undefined;
  let most = -1;
  for (const other of paths) {
    const score = commonFolders(other, path);
    if (score < most || (score === most && best !== undefined && best < other)) continue;
    best = other;
    most = score;
  }
  return best;
}
