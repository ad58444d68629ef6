import type { CommitGraph } from "../history/commit-graph.ts";

/** Commits that are alike in how much they change: the estimate treats each kind for itself. */
export const KINDS = ["root", "merge", "plain"] as const;
export type CommitKind = (typeof KINDS)[number];

export const kindOf = (graph: CommitGraph, commit: number): CommitKind =>
  graph.parents(commit).length === 0
    ? "root"
    : graph.parents(commit).length > 1
      ? "merge"
      : "plain";

/** Roots looked at first: each may add a whole tree. */
const ROOTS = 8;

/**
 * Every commit of a history once, in an order of which each beginning is spread evenly: some roots,
 * then steps of about the golden ratio of the whole, which leave no gap behind.
 */
export function* spreadEvenly(graph: CommitGraph): Generator<number> {
  const roots: number[] = [];
  for (let commit = 0; commit < graph.size; commit += 1) {
    if (kindOf(graph, commit) === "root") roots.push(commit);
  }
  const stride = Math.ceil(roots.length / ROOTS);
  const first = new Set(roots.filter((_, at) => at % stride === 0));
  yield* first;
  // With a step that has no divisor in common with the size, no commit comes twice.
  let step = Math.max(1, Math.round((graph.size * (Math.sqrt(5) - 1)) / 2));
  while (greatestDivisor(step, graph.size) !== 1) step -= 1;
  for (let index = 1, commit = 0; index <= graph.size; index += 1) {
    commit = (commit + step) % graph.size;
    if (!first.has(commit)) yield commit;
  }
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));
