import type { Chunk } from "@repotune/schema";
import { type FileHeader, headerOf, withoutHeader } from "./licence-header.ts";
import type { RepeatedHeaders } from "./repeated-headers.ts";

/**
 * Leaves the licence header out of a chunk's code, if the chunk holds the beginning of its file.
 *
 * The patch keeps all its lines, and `line_range` those of the unit; `header_lines` says how many of
 * them are left out. A chunk that changes nothing but the header is marked instead.
 */
export function stripHeader(chunk: Chunk, headers: RepeatedHeaders): Chunk {
  const old = boilerplateOf(chunk, "old", headers);
  const fresh = boilerplateOf(chunk, "new", headers);
  if (!old && !fresh) return chunk;
  const { old_code, new_code } = chunk;
  const oldRest = old_code !== null && old ? withoutHeader(old_code, old) : old_code;
  const newRest = new_code !== null && fresh ? withoutHeader(new_code, fresh) : new_code;
  const isHeaderOnly = [oldRest, newRest].every((rest) => !rest?.trim()) || oldRest === newRest;
  if (isHeaderOnly) return { ...chunk, is_boilerplate: true };
  return {
    ...chunk,
    old_code: oldRest,
    new_code: newRest,
    header_lines: { old: old?.count ?? 0, new: fresh?.count ?? 0 },
  };
}

function boilerplateOf(
  chunk: Chunk,
  side: "old" | "new",
  headers: RepeatedHeaders,
): FileHeader | undefined {
  const code = side === "old" ? chunk.old_code : chunk.new_code;
  if (code === null || chunk.line_range[side]?.[0] !== 1) return undefined;
  const header = headerOf(code, chunk.language);
  const path = (side === "old" ? chunk.old_file_path : null) ?? chunk.file_path;
  return header && headers.isBoilerplate(header, path) ? header : undefined;
}
