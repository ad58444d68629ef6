import type { Refs } from "../history/refs.ts";
import type { RefCounts } from "./analysis.ts";

/** Counts refs by what they are. */
export function countRefs(refs: Refs["refs"]): RefCounts {
  const counts: RefCounts = { branches: 0, remote_branches: 0, tags: 0, others: 0 };
  for (const { name } of refs) counts[kindOf(name)] += 1;
  return counts;
}

function kindOf(name: string): keyof RefCounts {
  if (name.startsWith("refs/heads/")) return "branches";
  if (name.startsWith("refs/remotes/")) return "remote_branches";
  return name.startsWith("refs/tags/") ? "tags" : "others";
}
