import {
  type ChangeType,
  type Commit,
  type HistoryGraph,
  type HistorySplit,
  type StageContext,
  throwIfAborted,
} from "@repotune/schema";
import { MAX_OVERVIEW_FILES } from "../render/overview.ts";

/** Longer bodies are cut here already, so that headers of a long history fit in memory. */
const MAX_BODY_CHARACTERS = 4_000;

/** What is kept of a commit while its chunks go by. */
export interface CommitHeader {
  hash: string;
  subject: string;
  body: string;
  /** Whether a document lists its files; see {@link readHeaders} and {@link fillEmptySides}. */
  hasOverview: boolean;
  /** In the commit's order; the change types are what git's letter alone says. */
  files: { path: string; changeTypes: ChangeType[] }[];
}

/**
 * Reads a history's headers: a few hundred bytes for each commit.
 *
 * Merges have no overview: what they bring in is told by the commits they join.
 *
 * @param graph gathers what the split depends on.
 * @throws {StageError} `E_INTERRUPTED`.
 */
export async function readHeaders(
  commits: AsyncIterable<Commit>,
  graph: HistoryGraph,
  { signal, onProgress }: StageContext = {},
): Promise<CommitHeader[]> {
  const headers: CommitHeader[] = [];
  for await (const commit of commits) {
    throwIfAborted(signal);
    graph.add(commit);
    const { metadata, diffs } = commit;
    onProgress?.({ stage: "tokenizer", done: headers.length, unit: "commits read" });
    headers.push({
      hash: metadata.hash,
      subject: metadata.message,
      body: metadata.message_body.slice(0, MAX_BODY_CHARACTERS),
      hasOverview: !metadata.is_merge && diffs.length > 0,
      files: diffs.slice(0, MAX_OVERVIEW_FILES).map(({ filename, change_type }) => ({
        path: filename,
        changeTypes: change_type === "A" ? ["new_file"] : change_type === "D" ? ["deletion"] : [],
      })),
    });
  }
  return headers;
}

/**
 * Gives merges an overview after all on a side of the split that would have none: where every change
 * comes by a merge, the newest commits of a short history may be merges alone.
 */
export function fillEmptySides(
  headers: readonly CommitHeader[],
  sides: HistorySplit["sides"],
): void {
  for (const commits of Object.values(sides)) {
    const side = commits.flatMap((commit) => headers[commit] ?? []);
    if (side.some(({ hasOverview }) => hasOverview)) continue;
    for (const header of side) header.hasOverview = header.files.length > 0;
  }
}
