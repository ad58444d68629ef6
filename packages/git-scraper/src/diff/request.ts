import type { CommitGraph } from "../history/commit-graph.ts";
import { END_MARKER, type MergeDiffs } from "./command.ts";

/** The commits whose changes are wanted, in order, as diff processes are asked for them. */
export class DiffRequests {
  readonly merges: MergeDiffs;
  readonly #graph: CommitGraph;
  readonly #commits: Int32Array;

  /** @param commits positions in the graph. */
  constructor(graph: CommitGraph, commits: Int32Array, merges: MergeDiffs) {
    this.#graph = graph;
    this.#commits = commits;
    this.merges = merges;
  }

  get size(): number {
    return this.#commits.length;
  }

  /** Id of one of them. */
  id(index: number): string {
    return this.#graph.id(this.#commits[index] as number);
  }

  /** What asks for the changes of one of them, and the marker behind it. */
  text(index: number): string {
    return diffRequest(this.#graph, this.#commits[index] as number, this.merges);
  }
}

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
