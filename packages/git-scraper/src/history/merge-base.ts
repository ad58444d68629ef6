import type { CommitGraph } from "./commit-graph.ts";

/** Reached from the one commit, from the other, and below a common ancestor. */
const ONE = 1;
const OTHER = 2;
const BOTH = ONE | OTHER;
const STALE = 4;

/**
 * Merge bases in memory: what `git merge-base` prints, without a process.
 *
 * Positions in the graph are topological, so a walk down them sees all children of a commit before
 * the commit: what git's paint_down_to_common (commit-reach.c) has to repaint is final here.
 */
export class MergeBaseFinder {
  readonly #dates: Float64Array;
  /** Parents of all commits one after another, and where each commit's start: a view for each of
   * millions of steps would take most of the time. */
  readonly #parents: Int32Array;
  readonly #starts: Int32Array;
  /** By position; all 0 between calls. */
  readonly #flags: Uint8Array;

  /**
   * @param dates commit dates in seconds by position; NaN for one that is no date, which git takes
   *   for 0. They decide between several best common ancestors and need be there for these only.
   */
  constructor(graph: CommitGraph, dates: Float64Array) {
    this.#dates = dates;
    this.#starts = new Int32Array(graph.size + 1);
    for (let index = 0; index < graph.size; index += 1) {
      this.#starts[index + 1] = (this.#starts[index] as number) + graph.parents(index).length;
    }
    this.#parents = new Int32Array(this.#starts[graph.size] as number);
    for (let index = 0; index < graph.size; index += 1) {
      this.#parents.set(graph.parents(index), this.#starts[index]);
    }
    this.#flags = new Uint8Array(graph.size);
  }

  /** Merge base of the first two parents of the merge at a position; null if there is none. */
  ofMerge(index: number): number | null {
    const [one = -1, other = -1] = this.#parentsOf(index);
    return one < 0 || other < 0 ? null : this.of(one, other);
  }

  /**
   * Position of the best common ancestor of two commits; null if they have none.
   *
   * Of several, the one with the newest commit date; of these, the one git comes to first if it has
   * no commit-graph file.
   */
  of(one: number, other: number): number | null {
    const bases = this.#bases(one, other);
    const newest = Math.max(...bases.map((base) => this.#date(base)));
    const candidates = bases.filter((base) => this.#date(base) === newest);
    const [first] = candidates;
    if (first === undefined || candidates.length === 1) return first ?? null;
    return this.#firstByDate(one, other, new Set(candidates));
  }

  /** All best common ancestors. */
  #bases(one: number, other: number): number[] {
    const flags = this.#flags;
    const parents = this.#parents;
    const starts = this.#starts;
    const bases: number[] = [];
    let lowest = Math.min(one, other);
    flags[one] = ONE;
    flags[other] = (flags[other] as number) | OTHER;
    /** Commits to come that are not stale: without any, there is nothing left to find. */
    let open = one === other ? 1 : 2;
    for (let index = Math.max(one, other); open > 0; index -= 1) {
      let paint = flags[index] as number;
      if (paint === 0) continue;
      if (paint < STALE) open -= 1;
      if (paint === BOTH) {
        bases.push(index);
        paint |= STALE;
      }
      const end = starts[index + 1] as number;
      for (let at = starts[index] as number; at < end; at += 1) {
        const parent = parents[at] as number;
        if (parent < 0) continue;
        const before = flags[parent] as number;
        const after = before | paint;
        if (parent < lowest) lowest = parent;
        if (before === 0 && after < STALE) open += 1;
        if (before > 0 && before < STALE && after >= STALE) open -= 1;
        flags[parent] = after;
      }
    }
    flags.fill(0, lowest, Math.max(one, other) + 1);
    return bases;
  }

  /**
   * Which of the candidates git's own walk reaches first: by date, newest first, and commits of one
   * date in the order in which they were found. So rarely needed that a plain list will do for a
   * queue.
   */
  #firstByDate(one: number, other: number, candidates: Set<number>): number | null {
    const paints = new Map([
      [one, ONE],
      [other, OTHER],
    ]);
    const queue = [one, other];
    while (queue.length > 0) {
      let next = 0;
      for (const [at, index] of queue.entries()) {
        if (this.#date(index) > this.#date(queue[next] as number)) next = at;
      }
      const [index = 0] = queue.splice(next, 1);
      const paint = paints.get(index) ?? 0;
      if (paint === BOTH && candidates.has(index)) return index;
      for (const parent of this.#parentsOf(index)) {
        const before = paints.get(parent) ?? 0;
        if (parent < 0 || (before | paint) === before) continue;
        paints.set(parent, before | paint);
        queue.push(parent);
      }
    }
    return null;
  }

  #parentsOf(index: number): Int32Array {
    return this.#parents.subarray(this.#starts[index], this.#starts[index + 1]);
  }

  #date(index: number): number {
    return this.#dates[index] || 0;
  }
}
