import type { Commit } from "@repotune/schema";

/** Most files named; large commits would otherwise repeat thousands of paths in each chunk. */
const MAX_RELATED_FILES = 16;

/**
 * Other files of a commit, the nearest in git's order of paths, which are those of the same folder
 * and its neighbours. They stand in that order.
 */
export function relatedFiles({ diffs }: Commit, index: number): string[] {
  const count = Math.min(diffs.length - 1, MAX_RELATED_FILES);
  // A window around the file, moved inwards at the ends of the list.
  const half = Math.floor(count / 2);
  const first = Math.max(0, Math.min(index - half, diffs.length - 1 - count));
  return diffs
    .slice(first, first + count + 1)
    .filter((_, offset) => first + offset !== index)
    .map((diff) => diff.filename);
}
