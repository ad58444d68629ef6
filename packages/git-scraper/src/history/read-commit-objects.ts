import { type Repository, readObjects } from "@repotune/git";
import { throwIfAborted } from "@repotune/schema";
import type { CommitGraph } from "./commit-graph.ts";

/** A commit of a history, as git stores it. */
export interface StoredCommit {
  /** In the graph. */
  position: number;
  /** undefined if it is missing or damaged. */
  object: Buffer | undefined;
}

/**
 * The commit objects at `positions`, in lots, at the pace at which they are taken.
 *
 * @throws {StageError} `E_GIT` or `E_INTERRUPTED`.
 */
export async function* readCommitObjects(
  repository: Repository,
  graph: CommitGraph,
  positions: Int32Array,
  signal?: AbortSignal,
): AsyncGenerator<StoredCommit[]> {
  const size = positions.length;
  const id = (index: number) => graph.id(positions[index] as number);
  let next = 0;
  for await (const objects of readObjects(repository, { size, id })) {
    throwIfAborted(signal);
    yield objects.map((object) => ({ position: positions[next++] as number, object }));
  }
}
