import type { Chunk } from "@repotune/schema";

type UnitChunk = Pick<Chunk, "file_path" | "kind" | "part" | "qualified_name" | "section">;

/** The chunks of each unit: the parts of one that was split stand in a row. */
export function chunksByUnit<C extends UnitChunk>(chunks: Iterable<C>): C[][] {
  const units: C[][] = [];
  let last: C | undefined;
  for (const chunk of chunks) {
    if (last && isNextPart(last, chunk)) units.at(-1)?.push(chunk);
    else units.push([chunk]);
    last = chunk;
  }
  return units;
}

const isNextPart = (last: UnitChunk, chunk: UnitChunk) =>
  last.part !== null &&
  chunk.part !== null &&
  last.part.count === chunk.part.count &&
  last.part.index < chunk.part.index &&
  last.file_path === chunk.file_path &&
  last.kind === chunk.kind &&
  last.qualified_name === chunk.qualified_name &&
  last.section === chunk.section;
