import type { Chunk } from "./chunk.ts";

/**
 * A chunk as one record for each unit that it holds: most hold one, and are returned as they are.
 *
 * The records of several have each unit's names, lines and counts; kind, operation, change type and
 * module are the same for all, and code and patch stay the chunk's.
 */
export function unitsOfChunk<T extends Partial<Pick<Chunk, "members" | "old_name">>>(
  chunk: T,
): T[] {
  const { members, ...rest } = chunk;
  if (!members) return [chunk];
  const { old_name: _, ...shared } = rest;
  return members.map((member) => ({ ...shared, ...member }) as T);
}
