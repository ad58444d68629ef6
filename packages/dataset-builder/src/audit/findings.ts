import type { HistoryGraph } from "@repotune/schema";

/** Findings that are named; the others are counted only. */
const MAX_EXAMPLES = 20;
/** A commit may be on thousands of refs. */
const MAX_REFS = 10;

/** Things that were found: their number, and the first of them by name. */
export class Findings<Finding> {
  readonly #examples: Finding[] = [];
  #count = 0;

  add(finding: Finding): void {
    this.#count += 1;
    if (this.#examples.length < MAX_EXAMPLES) this.#examples.push(finding);
  }

  get count(): number {
    return this.#count;
  }

  get result(): { count: number; examples: Finding[] } {
    return { count: this.#count, examples: this.#examples };
  }
}

/** Names of branches that contain a commit, the first few. */
export const refsOf = (graph: HistoryGraph, commit: number): string[] =>
  Array.from(
    graph.branchesOf(commit).subarray(0, MAX_REFS),
    (branch) => graph.branches[branch]?.branch_name ?? "",
  );
