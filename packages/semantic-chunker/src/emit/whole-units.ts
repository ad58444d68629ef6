import { type Chunk, unitsOfChunk } from "@repotune/schema";

type UnitChunk = Pick<Chunk, "file_path" | "kind" | "part" | "qualified_name" | "section"> &
  Partial<Pick<Chunk, "members" | "old_name">>;

/**
 * The chunks of each unit: the parts of one that was split stand in a row. A chunk that several units
 * share is told apart into one for each.
 */
export function chunksByUnit<C extends UnitChunk>(chunks: Iterable<C>): C[][] {
  const units: C[][] = [];
  let last: C | undefined;
  for (const chunk of chunks) {
    for (const unit of unitsOfChunk(chunk)) {
      if (last && isNextPart(last, unit)) units.at(-1)?.push(unit);
      else units.push([unit]);
      last = unit;
    }
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
