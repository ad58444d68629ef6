import { type Commit, HistoryGraph, type StageContext, throwIfAborted } from "@repotune/schema";
import { commitLines } from "./commit-lines.ts";
import type { LineStore } from "./line-store.ts";

/** What a dataset's description says about a commit. */
export interface CommitFacts {
  hash: string;
  authorEmail: string;
  /** Commit date, as the commit states it. */
  timestamp: string | null;
  timestampUnix: number;
}

/** What is kept of a history: a few hundred bytes for each commit; its lines lie in a file. */
export interface History {
  graph: HistoryGraph;
  facts: CommitFacts[];
  lines: LineStore;
}

/**
 * Reads a history once, and keeps what splitting it, describing it and looking for copies need.
 *
 * @param lines empty; filled, for the caller to close.
 * @throws {StageError} `E_INTERRUPTED`, and what `commits` throws.
 */
export async function readHistory(
  commits: AsyncIterable<Commit>,
  lines: LineStore,
  { signal, onProgress }: StageContext = {},
): Promise<History> {
  const graph = new HistoryGraph();
  const facts: CommitFacts[] = [];
  for await (const commit of commits) {
    throwIfAborted(signal);
    onProgress?.({ stage: "dataset-builder", done: facts.length, unit: "commits" });
    const { metadata } = commit;
    graph.add(commit);
    facts.push({
      hash: metadata.hash,
      authorEmail: metadata.author_email,
      timestamp: metadata.commit_timestamp,
      timestampUnix: metadata.commit_timestamp_unix,
    });
    await lines.add(commitLines(commit));
  }
  await lines.finish();
  return { graph, facts, lines };
}
