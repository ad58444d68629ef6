import type { Repository } from "@repotune/git";
import { type CommitObject, parseCommitObject } from "../commit/commit-object.ts";
import type { CommitGraph } from "../history/commit-graph.ts";
import { readCommitObjects } from "../history/read-commit-objects.ts";
import type { CommitFacts, DropReason } from "./commit-filter.ts";

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
  let done = 0;
  for await (const lot of readCommitObjects(repository, graph, graph.positions(), signal)) {
    for (const { position, object } of lot) {
      const commit = object && parseCommitObject(object);
      if (commit) visit?.(position, commit);
      const reason = commit && filter?.(commit);
      if (reason) dropped[reason] += 1;
      else selected[kept++] = position;
    }
    done += lot.length;
    onProgress?.(done);
  }
  return { selected: selected.subarray(0, kept), dropped };
}
