import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type Chunk,
  ChunkingStatsSchema,
  ChunkSchema,
  type HistorySplit,
  readJsonFile,
  readJsonl,
  type SplitSide,
  StageError,
} from "@repotune/schema";

/**
 * Reads `chunks.jsonl`, and compares the number of chunks with `chunking_stats.json` beside it, if
 * that is there: a file that was cut between two lines looks whole by itself.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT`, `E_SCHEMA_VERSION`, `E_TRUNCATED`.
 */
export async function* readChunks(path: string): AsyncGenerator<Chunk> {
  let count = 0;
  for await (const chunk of readJsonl(path, ChunkSchema)) {
    yield chunk;
    count += 1;
  }
  const statsPath = join(dirname(path), "chunking_stats.json");
  const isThere = await access(statsPath).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const { chunks } = await readJsonFile(statsPath, ChunkingStatsSchema);
  if (chunks !== count) {
    throw new StageError(
      "E_TRUNCATED",
      `${path} holds ${count} chunks; ${statsPath} says ${chunks}.`,
      {
        hint: "The file is incomplete: chunk the history again.",
      },
    );
  }
}

/** The chunks of the commits on one side of a split; what follows the last of them is not read. */
export async function* readChunksOn(
  side: SplitSide,
  path: string,
  sideOf: HistorySplit["sideOf"],
): AsyncGenerator<Chunk> {
  const last = sideOf.lastIndexOf(side);
  for await (const chunk of readJsonl(path, ChunkSchema)) {
    if (chunk.commit_number > last) return;
    if (sideOf[chunk.commit_number] === side) yield chunk;
  }
}
