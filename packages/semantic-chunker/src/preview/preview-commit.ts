import type { Chunk, Commit } from "@repotune/schema";
import { type ChunkContext, chunkCommits, type UncutChange } from "../chunk-commits.ts";
import { Hygiene } from "../hygiene/hygiene.ts";
import { type ChunkOptions, defaultChunkOptions } from "../options.ts";
import { Tally } from "../tally.ts";
import { commitTask } from "../task/commit-task.ts";

/** What a commit is cut into. */
export interface CommitPreview {
  commit: Commit;
  /** Its subject, as chunks have it. */
  message: string;
  chunks: Chunk[];
  /** Files that gave no chunk, or that were cut by hunk for want of a parse. */
  uncut: UncutChange[];
  /** What the commit does, in one line; empty if there is nothing to tell. */
  task: string;
}

/**
 * Cuts one commit by itself. What rests on the commits before it is not there: duplicates of their
 * code, and licence headers that are known by repetition.
 *
 * @throws {StageError} as `chunkCommits`.
 */
export async function previewCommit(
  commit: Commit,
  options: Partial<ChunkOptions> = {},
  context: Omit<ChunkContext, "onUncut"> = {},
): Promise<CommitPreview> {
  const chunks: Chunk[] = [];
  const uncut: UncutChange[] = [];
  const onUncut = (change: UncutChange) => uncut.push(change);
  for await (const chunk of chunkCommits(only(commit), options, { ...context, onUncut })) {
    chunks.push(chunk);
  }
  const skipped = uncut.filter(({ outcome }) => outcome === "skipped");
  const hygiene = new Hygiene({ ...defaultChunkOptions, ...options }, new Tally());
  const metadata = chunks[0]?.commit_metadata;
  return {
    commit,
    message: metadata?.message ?? hygiene.cleanText(commit.metadata.message),
    chunks,
    uncut,
    task: metadata?.task ?? commitTask([], skipped, 0, hygiene),
  };
}

async function* only(commit: Commit): AsyncGenerator<Commit> {
  yield commit;
}
