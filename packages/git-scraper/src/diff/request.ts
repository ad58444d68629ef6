import type { CommitGraph } from "../history/commit-graph.ts";
import { END_MARKER } from "./command.ts";

/** The commits whose changes are wanted, in order, as diff processes are asked for them. */
export class DiffRequests {
  readonly #graph: CommitGraph;
  readonly #commits: Int32Array;

  /** @param commits positions in the graph. */
  constructor(graph: CommitGraph, commits: Int32Array) {
    this.#graph = graph;
    this.#commits = commits;
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
    return diffRequest(this.#graph, this.#commits[index] as number);
  }
}

/** What asks a diff process for one commit: against its first parent, and the marker behind it. */
function diffRequest(graph: CommitGraph, index: number): string {
  const parents = graph.parents(index);
  const first = parents[0];
  const isMerge = parents.length > 1 && first !== undefined && first >= 0;
  const commit = graph.id(index);
  return `${isMerge ? `${commit} ${graph.id(first)}` : commit}\n${END_MARKER}\n`;
}
