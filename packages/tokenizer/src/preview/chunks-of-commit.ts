import { type Chunk, ChunkSchema, readLines, recordParser } from "@repotune/schema";

/**
 * The chunks of one commit. Other lines are passed over unparsed, and those behind its last chunk are
 * not read.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT`, `E_SCHEMA_VERSION`, `E_TRUNCATED`.
 */
export async function* chunksOfCommit(path: string, hash: string): AsyncGenerator<Chunk> {
  const parse = recordParser(ChunkSchema);
  let isFound = false;
  for await (const line of readLines(path)) {
    // A commit's id can also stand in another commit's code: only parsing tells.
    const chunk = line.text.includes(hash) ? parse(line, path) : undefined;
    if (chunk?.commit_hash === hash) {
      isFound = true;
      yield chunk;
    } else if (isFound) return;
  }
}
