import type { CommitGraph } from "../history/commit-graph.ts";
import { END_MARKER, type MergeDiffs } from "./command.ts";

/**
 * What asks a diff process for one commit, and the marker behind it. Only with its first parent
 * named is a merge compared with that; without, its own arguments decide: a combined diff or none.
 */
export function diffRequest(graph: CommitGraph, index: number, merges: MergeDiffs): string {
  const parents = graph.parents(index);
  const first = parents[0];
  const isMerge = parents.length > 1 && first !== undefined && first >= 0;
  const commit = graph.id(index);
  const namesParent = isMerge && merges === "first-parent";
  return `${namesParent ? `${commit} ${graph.id(first)}` : commit}\n${END_MARKER}\n`;
}
