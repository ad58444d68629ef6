/** What of a merge is shown. */
export const MERGE_DIFFS = ["first-parent", "combined", "none"] as const;
export type MergeDiffs = (typeof MERGE_DIFFS)[number];

export interface DiffOptions {
  /**
   * - `first-parent`: what the merge brought to the branch it was made on.
   * - `combined`: only files that differ from every parent, in git's combined format, by `-c`. The
   *   denser `--cc` would also leave out every hunk in which the result takes one of two sides,
   *   which is most of how a conflict was resolved.
   * - `none`: no changes for merges.
   */
  merges: MergeDiffs;
  /**
   * Whether to look for copies, too, from files that the same commit changed (`-C`); from any
   * other file would take git a look at the whole tree for each commit.
   */
  copies: boolean;
}

/**
 * Arguments of the one kind of diff process: it reads commits from stdin and prints, for each, its
 * id, one raw line a file and then the patches. Everything a configuration could change is set.
 *
 * - `quotePath=off` leaves UTF-8 in paths alone; control characters and quotes are still quoted.
 * - `bigFileThreshold`: from there on git takes a file for binary. Diffing one of 300 MB took
 *   1.65 GB of memory without it, 0.3 GB with it.
 * - `-l1000` is git's own default limit for looking for renames, pinned.
 * - `--combined-all-paths`: otherwise a combined diff does not say what a file was renamed from.
 */
export const diffTree = ({ merges, copies }: DiffOptions): string[] => [
  ...["-c", "core.quotePath=off"],
  ...["-c", "core.bigFileThreshold=64m"],
  ...["-c", "diff.renameLimit=1000"],
  ...["-c", "diff.suppressBlankEmpty=false"],
  "diff-tree",
  "--stdin",
  "--root",
  "--always",
  ...(merges === "combined" ? ["-c", "--combined-all-paths"] : []),
  "-r",
  "--raw",
  "-p",
  copies ? "-C50%" : "-M50%",
  "-l1000",
  "-U3",
  "--inter-hunk-context=0",
  "--diff-algorithm=myers",
  "--indent-heuristic",
  "--full-index",
  "--no-abbrev",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--no-relative",
  "--submodule=short",
  "--ignore-submodules=none",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];

/**
 * The same changes by trees alone: no blob is read, so none can be missing. For a combined diff
 * git compares a merge with each of its parents, and so does this.
 */
export const rawDiffTree = (merges: MergeDiffs): string[] => [
  "diff-tree",
  "--stdin",
  "--root",
  "--always",
  ...(merges === "combined" ? ["-m"] : []),
  "-r",
  "--raw",
  "--no-renames",
  "--no-abbrev",
  "--ignore-submodules=none",
];

/**
 * The line that ends the answer to each commit. What is no object id, `diff-tree --stdin` repeats
 * as it is; so the end of an answer need not be guessed from the start of the next.
 */
export const END_MARKER = "= end";
