import { ObjectReader, type Repository } from "@repotune/git";
import { throwIfAborted } from "@repotune/schema";
import { type CommitObject, parseCommitObject } from "../commit/commit-object.ts";
import type { CommitGraph } from "../history/commit-graph.ts";
import type { CommitFacts, DropReason } from "./commit-filter.ts";

/** Commit objects asked for at a time; while one lot is looked at, the next is on its way. */
const BATCH = 256;

/** Commits that a filter keeps. */
export interface SelectedCommits {
  /** Positions in the graph, ascending. */
  selected: Int32Array;
  /** Commits that are left out, by reason. */
  dropped: Record<DropReason, number>;
}

export interface SelectCommitsOptions {
  signal?: AbortSignal | undefined;
  /** Commits looked at so far. */
  onProgress?: ((done: number) => void) | undefined;
  /** Sees every commit that can be read, those that are left out too, in order. */
  visit?: ((position: number, commit: CommitObject) => void) | undefined;
}

/**
 * Decides over every commit of a history in one pass over the commit objects, in bounded memory.
 *
 * A commit that cannot be read is kept: whoever reads it next records that it is missing.
 *
 * @param filter undefined to keep all, for the sake of `visit`.
 * @throws {StageError} `E_GIT` or `E_INTERRUPTED`.
 */
export async function selectCommits(
  repository: Repository,
  graph: CommitGraph,
  filter: ((commit: CommitFacts) => DropReason | undefined) | undefined,
  { signal, onProgress, visit }: SelectCommitsOptions = {},
): Promise<SelectedCommits> {
  const selected = new Int32Array(graph.size);
  const dropped = { date: 0, author: 0, bot: 0, merge: 0 };
  let kept = 0;
  const reader = ObjectReader.open(repository);
  const readBatch = (start: number) => {
    const length = Math.max(0, Math.min(BATCH, graph.size - start));
    const ids = Array.from({ length }, (_, offset) => graph.id(start + offset));
    const reading = Promise.all(ids.map((id) => reader.read(id)));
    reading.catch(() => undefined); // It is awaited in its turn.
    return reading;
  };
  try {
    let next = readBatch(0);
    for (let start = 0; start < graph.size; start += BATCH) {
      throwIfAborted(signal);
      const objects = await next;
      next = readBatch(start + BATCH);
      for (const [offset, object] of objects.entries()) {
        const commit = object && parseCommitObject(object);
        if (commit) visit?.(start + offset, commit);
        const reason = commit && filter?.(commit);
        if (reason) dropped[reason] += 1;
        else selected[kept++] = start + offset;
      }
      onProgress?.(Math.min(graph.size, start + BATCH));
    }
  } finally {
    await reader.close();
  }
  return { selected: selected.subarray(0, kept), dropped };
}
