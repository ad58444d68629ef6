import { ObjectReader, type Repository } from "@repotune/git";
import { throwIfAborted } from "@repotune/schema";
import type { CommitGraph } from "./commit-graph.ts";

/** Commit objects asked for at a time; while one lot is looked at, the next is on its way. */
const BATCH = 256;

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
  const reader = ObjectReader.open(repository);
  const ask = (start: number) => {
    const lot = [...positions.subarray(start, start + BATCH)];
    const reading = Promise.all(lot.map((position) => reader.read(graph.id(position))));
    reading.catch(() => undefined); // It is awaited in its turn.
    return { lot, reading };
  };
  try {
    let next = ask(0);
    for (let start = 0; start < positions.length; start += BATCH) {
      throwIfAborted(signal);
      const { lot, reading } = next;
      next = ask(start + BATCH);
      const objects = await reading;
      yield lot.map((position, offset) => ({ position, object: objects[offset] }));
    }
  } finally {
    await reader.close();
  }
}
