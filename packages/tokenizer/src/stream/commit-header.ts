import type { Commit } from "@repotune/schema";
import { MAX_OVERVIEW_FILES } from "../render/overview.ts";
import { isMonth, type Month } from "../render/structure.ts";
import { type Authors, authorLabel } from "./author-label.ts";

/**
 * What is kept of a commit until its chunks come: a few hundred bytes.
 *
 * Its message is not among them. That of the chunks is free of secrets, this one is not.
 */
export interface CommitHeader {
  /** `commit_number`. */
  number: number;
  hash: string;
  /**
   * Whether a document lists its files. Merges have none where there are others: what they bring in
   * is told by the commits they join.
   */
  hasOverview: boolean;
  /** In the commit's order, as many as an overview names. */
  files: { path: string; letter: string }[];
  branch?: string | undefined;
  author?: string | undefined;
  month?: Month | undefined;
}

/**
 * The header of a commit.
 *
 * @param authorKey see {@link authorLabel}.
 */
export function headerOf(
  { commit_number, metadata, branches, diffs }: Commit,
  authors: Authors,
  authorKey: string,
): CommitHeader {
  const month = metadata.timestamp?.slice(5, 7) ?? "";
  return {
    number: commit_number,
    hash: metadata.hash,
    hasOverview: !metadata.is_merge && diffs.length > 0,
    files: diffs
      .slice(0, MAX_OVERVIEW_FILES)
      .map(({ filename, change_type }) => ({ path: filename, letter: change_type })),
    branch: branchOf(branches),
    author: authorLabel(metadata, authors, authorKey),
    month: isMonth(month) ? month : undefined,
  };
}

/** Of the branches that contain a commit the one that is checked out, or else a local one. */
function branchOf(branches: Commit["branches"]): string | undefined {
  const best =
    branches.find(({ is_current }) => is_current) ??
    branches.find(({ is_remote }) => !is_remote) ??
    branches[0];
  return best?.branch_name;
}
