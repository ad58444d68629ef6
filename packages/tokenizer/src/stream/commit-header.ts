import { type ChangeType, type Commit, type StageContext, throwIfAborted } from "@repotune/schema";
import { MAX_OVERVIEW_FILES } from "../render/overview.ts";

/** Longer bodies are cut here already, so that headers of a long history fit in memory. */
const MAX_BODY_CHARACTERS = 4_000;

/** What is kept of a commit while its chunks go by. */
export interface CommitHeader {
  hash: string;
  subject: string;
  body: string;
  isMerge: boolean;
  /** In the commit's order; the change types are what git's letter alone says. */
  files: { path: string; changeTypes: ChangeType[] }[];
}

/**
 * Reads a history's headers: a few hundred bytes for each commit.
 *
 * @throws {StageError} `E_INTERRUPTED`.
 */
export async function readHeaders(
  commits: AsyncIterable<Commit>,
  { signal, onProgress }: StageContext = {},
): Promise<CommitHeader[]> {
  const headers: CommitHeader[] = [];
  for await (const { metadata, diffs } of commits) {
    throwIfAborted(signal);
    onProgress?.({ stage: "tokenizer", done: headers.length, unit: "commits read" });
    headers.push({
      hash: metadata.hash,
      subject: metadata.message,
      body: metadata.message_body.slice(0, MAX_BODY_CHARACTERS),
      isMerge: metadata.is_merge,
      files: diffs.slice(0, MAX_OVERVIEW_FILES).map(({ filename, change_type }) => ({
        path: filename,
        changeTypes: change_type === "A" ? ["new_file"] : change_type === "D" ? ["deletion"] : [],
      })),
    });
  }
  return headers;
}
