import type { Chunk } from "@repotune/schema";

/** What a description needs of a chunk. */
export type TaskChunk = Pick<
  Chunk,
  | "additions"
  | "change_category"
  | "change_type"
  | "deletions"
  | "file_path"
  | "file_type"
  | "function_name"
  | "is_cosmetic"
  | "kind"
  | "module_path"
  | "old_file_path"
  | "old_name"
  | "op"
  | "part"
  | "qualified_name"
  | "section"
>;

/** A whole unit of a commit. */
export interface TaskUnit extends TaskChunk {
  /** Lines added and removed, of all its parts. */
  lines: number;
}

/** The units that chunks of one commit tell of: parts of a unit, which stand in a row, are one. */
export function unitsOf(chunks: Iterable<TaskChunk>): TaskUnit[] {
  const units: TaskUnit[] = [];
  for (const chunk of chunks) {
    const lines = chunk.additions + chunk.deletions;
    const last = units.at(-1);
    if (last && isNextPart(last, chunk)) {
      last.lines += lines;
      last.part = chunk.part;
    } else units.push({ ...chunk, lines });
  }
  return units;
}

const isNextPart = (last: TaskUnit, chunk: TaskChunk) =>
  last.part !== null &&
  chunk.part !== null &&
  last.part.count === chunk.part.count &&
  last.part.index < chunk.part.index &&
  last.file_path === chunk.file_path &&
  last.kind === chunk.kind &&
  last.qualified_name === chunk.qualified_name &&
  last.section === chunk.section;
