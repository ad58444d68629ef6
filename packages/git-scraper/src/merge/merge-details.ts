import type { Repository } from "@repotune/git";
import type { CommitLine } from "@repotune/schema";
import { decodeText } from "../commit/text.ts";
import type { CommitGraph } from "../history/commit-graph.ts";
import { MergeBaseFinder } from "../history/merge-base.ts";
import { ConflictFinder } from "./conflicts.ts";
import type { ConflictedPaths } from "./merge-tree-parser.ts";

/** Merges that are asked for ahead of their turn: a process answers as many at a time. */
const READ_AHEAD = 1024;

/** Tells of each merge of a history what it takes a repetition to know. */
export class MergeDetails {
  readonly #graph: CommitGraph;
  readonly #bases: MergeBaseFinder;
  readonly #conflicts: ConflictFinder;
  /** Positions of merges of two parents, in order; those from `#next` on are not asked for yet. */
  readonly #merges: Int32Array;
  #next = 0;
  readonly #asked = new Map<number, Promise<ConflictedPaths | undefined>>();

  private constructor(
    graph: CommitGraph,
    commits: Int32Array,
    dates: Float64Array,
    conflicts: ConflictFinder,
  ) {
    this.#graph = graph;
    this.#bases = new MergeBaseFinder(graph, dates);
    this.#conflicts = conflicts;
    this.#merges = commits.filter((index) => {
      const parents = graph.parents(index);
      return parents.length === 2 && parents.every((parent) => parent >= 0);
    });
  }

  /**
   * @param commits positions of the commits that will be asked for, in order.
   * @param dates commit dates in seconds by position, filled in up to each merge when it is asked.
   * @throws {StageError} `E_UNSUPPORTED` if git is older than 2.39.
   */
  static async open(
    repository: Repository,
    graph: CommitGraph,
    commits: Int32Array,
    dates: Float64Array,
  ): Promise<MergeDetails> {
    return new MergeDetails(graph, commits, dates, await ConflictFinder.open(repository));
  }

  /**
   * The base of a merge, and the files that conflict when it is repeated: none where git cannot say,
   * as for merges of more than two parents.
   */
  async of(index: number): Promise<Pick<CommitLine["context"], "merge_base" | "conflicted_files">> {
    const base = this.#bases.ofMerge(index);
    this.#ask(index);
    const paths = await this.#asked.get(index);
    this.#asked.delete(index);
    return {
      merge_base: base === null ? null : this.#graph.id(base),
      conflicted_files: (paths ?? []).map((path) => decodeText(path).text),
    };
  }

  /** Ends the process. */
  close(): Promise<void> {
    return this.#conflicts.close();
  }

  /** By halves, so that each process is given many. */
  #ask(index: number): void {
    if (this.#asked.size > READ_AHEAD / 2 && this.#asked.has(index)) return;
    while (this.#next < this.#merges.length && this.#asked.size < READ_AHEAD) {
      const merge = this.#merges[this.#next] as number;
      this.#next += 1;
      const [ours = -1, theirs = -1] = this.#graph.parents(merge);
      const [one, other] = [this.#graph.id(ours), this.#graph.id(theirs)];
      this.#asked.set(merge, this.#conflicts.conflictedFiles(one, other));
    }
  }
}
