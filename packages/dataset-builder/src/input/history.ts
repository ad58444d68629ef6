import { type Commit, type StageContext, throwIfAborted } from "@repotune/schema";

/** What a dataset's description says about a commit. */
export interface CommitFacts {
  hash: string;
  authorEmail: string;
  timestamp: string | null;
  timestampUnix: number;
}

/**
 * Keeps of each commit what the description of a side needs.
 *
 * @throws {StageError} `E_INTERRUPTED`, and what `commits` throws.
 */
export async function readHistory(
  commits: AsyncIterable<Commit>,
  { signal, onProgress }: StageContext = {},
): Promise<CommitFacts[]> {
  const facts: CommitFacts[] = [];
  for await (const { metadata } of commits) {
    throwIfAborted(signal);
    onProgress?.({ stage: "dataset-builder", done: facts.length, unit: "commits" });
    facts.push({
      hash: metadata.hash,
      authorEmail: metadata.author_email,
      timestamp: metadata.timestamp,
      timestampUnix: metadata.timestamp_unix,
    });
  }
  return facts;
}
