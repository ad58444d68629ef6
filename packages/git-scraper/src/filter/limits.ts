import type { Diff } from "@repotune/schema";

/**
 * Takes the patches from the files of a commit beyond the first `maxFiles`. Their entries stay, with
 * their counts of lines, and are marked as truncated.
 *
 * @param maxFiles undefined for no limit.
 * @returns how many patches were taken; a file that has none loses none.
 */
export function limitFiles(
  diffs: readonly Diff[],
  maxFiles: number | undefined,
): { diffs: readonly Diff[]; truncated: number } {
  if (maxFiles === undefined || diffs.length <= maxFiles) return { diffs, truncated: 0 };
  let truncated = 0;
  const limited = diffs.map((diff, index) => {
    if (index < maxFiles || diff.patch === "") return diff;
    truncated += 1;
    const { patch_bytes: _, ...rest } = diff;
    return { ...rest, patch: "", is_truncated: true };
  });
  return { diffs: limited, truncated };
}
