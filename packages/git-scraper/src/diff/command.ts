/**
 * Arguments of the one kind of diff process: it reads commits from stdin and prints, for each, its
 * id, one raw line a file and then the patches. Everything a configuration could change is set.
 *
 * - A merge is asked for as `<commit> <first parent>`.
 * - `quotePath=off` leaves UTF-8 in paths alone; control characters and quotes are still quoted.
 * - `bigFileThreshold`: from there on git takes a file for binary. Diffing one of 300 MB took
 *   1.65 GB of memory without it, 0.3 GB with it.
 * - `-l1000` is git's own default limit for looking for renames, pinned.
 */
export const DIFF_TREE = [
  ...["-c", "core.quotePath=off"],
  ...["-c", "core.bigFileThreshold=64m"],
  ...["-c", "diff.renameLimit=1000"],
  ...["-c", "diff.suppressBlankEmpty=false"],
  "diff-tree",
  "--stdin",
  "--root",
  "--always",
  "-r",
  "--raw",
  "-p",
  "-M50%",
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
] as const;

/** The same changes by trees alone: no blob is read, so none can be missing. */
export const RAW_DIFF_TREE = [
  "diff-tree",
  "--stdin",
  "--root",
  "--always",
  "-r",
  "--raw",
  "--no-renames",
  "--no-abbrev",
  "--ignore-submodules=none",
] as const;

/**
 * The line that ends the answer to each commit. What is no object id, `diff-tree --stdin` repeats
 * as it is; so the end of an answer need not be guessed from the start of the next.
 */
export const END_MARKER = "= end";
