import type { Chunk } from "@repotune/schema";
import { chunksByUnit } from "../emit/whole-units.ts";

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
  | "members"
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

/** The units that chunks of one commit tell of. */
export const unitsOf = (chunks: Iterable<TaskChunk>): TaskUnit[] =>
  chunksByUnit(chunks).flatMap((parts) => {
    const lines = parts.reduce((sum, { additions, deletions }) => sum + additions + deletions, 0);
    return parts.slice(0, 1).map((first) => ({ ...first, lines }));
  });
