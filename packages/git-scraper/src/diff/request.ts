import type { CommitGraph } from "../history/commit-graph.ts";
import { END_MARKER } from "./command.ts";

/** What asks a diff process for one commit: against its first parent, and the marker behind it. */
export function diffRequest(graph: CommitGraph, index: number): string {
  const parents = graph.parents(index);
  const first = parents[0];
  const isMerge = parents.length > 1 && first !== undefined && first >= 0;
  const commit = graph.id(index);
  return `${isMerge ? `${commit} ${graph.id(first)}` : commit}\n${END_MARKER}\n`;
}
