import type { DropReason } from "./commit-filter.ts";

/** What filters left out. */
export interface FilterReport {
  /** Commits, by the first reason that applied; `path`: no file of theirs is wanted. */
  commits: Record<DropReason | "path", number>;
  /** Files of the commits that are kept. */
  files: { path: number };
  /** Patches beyond the limits of files and bytes. */
  truncated: { patches: number };
}

/** A report before anything was left out. */
export const emptyFilterReport = (): FilterReport => ({
  commits: { date: 0, author: 0, bot: 0, merge: 0, path: 0 },
  files: { path: 0 },
  truncated: { patches: 0 },
});

/**
 * A report as one sentence.
 *
 * @returns undefined if nothing was left out.
 */
export function describeFilterReport({
  commits,
  files,
  truncated,
}: FilterReport): string | undefined {
  const parts = [
    part(commits.date, "commit", "by date"),
    part(commits.author, "commit", "by author"),
    part(commits.bot, "commit", "of bots"),
    part(commits.merge, "merge"),
    part(commits.path, "commit", "by path"),
    part(files.path, "file", "by path"),
    part(truncated.patches, "patch", "by the limits"),
  ].filter((text) => text !== undefined);
  return parts.length === 0 ? undefined : `Left out: ${parts.join(", ")}.`;
}

function part(count: number, noun: string, reason = ""): string | undefined {
  if (count === 0) return undefined;
  const plural = noun.endsWith("ch") ? `${noun}es` : `${noun}s`;
  return `${count.toLocaleString("en-US")} ${count === 1 ? noun : plural} ${reason}`.trimEnd();
}
