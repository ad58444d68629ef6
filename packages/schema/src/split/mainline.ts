import { type HistoryGraph, MISSING_PARENT } from "./history-graph.ts";

/** Where commits reached the mainline. */
export interface Mainline {
  /**
   * For each commit, the mainline commit that first contains it: itself for one of the mainline, the
   * merge for one of a side branch. {@link NOT_LANDED} for one that HEAD does not contain.
   */
  landing: Int32Array;
  /** The mainline's commits, oldest first. */
  mainline: number[];
}

/** Landing of a commit that the mainline does not contain. */
export const NOT_LANDED = -1;

/**
 * Finds the mainline, which is HEAD's first parents, and when each commit reached it.
 *
 * HEAD's branch is the current one; without one (a detached HEAD), the branch that contains most
 * commits; without any, everything counts as contained. Where parents are missing, because a filter
 * left them out or a clone is shallow, a commit that no later one leads to counts as the mainline's.
 */
export function findMainline(graph: HistoryGraph): Mainline {
  const { size } = graph;
  const isContained = containedIn(graph);
  const isMainline = firstParentsOf(graph, isContained);
  const landing = new Int32Array(size).fill(NOT_LANDED);
  const mainline: number[] = [];
  // Children come before their parents here, so a commit's landing is settled when it is looked at.
  for (let commit = size - 1; commit >= 0; commit--) {
    if (!isContained[commit]) continue;
    if (isMainline[commit] || landing[commit] === NOT_LANDED) {
      landing[commit] = commit;
      mainline.push(commit);
    }
    const reached = landing[commit] as number;
    for (const parent of graph.parents[commit] ?? []) {
      if (parent === MISSING_PARENT) continue;
      const known = landing[parent] as number;
      if (known === NOT_LANDED || reached < known) landing[parent] = reached;
    }
  }
  return { landing, mainline: mainline.reverse() };
}

/** For each commit, whether HEAD's branch contains it. */
function containedIn(graph: HistoryGraph): Uint8Array {
  const counts = new Array<number>(graph.branches.length).fill(0);
  for (let commit = 0; commit < graph.size; commit++) {
    for (const branch of graph.branchesOf(commit)) counts[branch] = (counts[branch] ?? 0) + 1;
  }
  const current = graph.branches.findIndex(({ is_current }) => is_current);
  const most = counts.reduce(
    (best, count, branch) => (count > (counts[best] ?? 0) ? branch : best),
    0,
  );
  const head = current >= 0 ? current : counts.length === 0 ? -1 : most;
  return Uint8Array.from({ length: graph.size }, (_, commit) =>
    head < 0 || graph.branchesOf(commit).includes(head) ? 1 : 0,
  );
}

/** Follows first parents from the newest commit that is contained: all others lead to it. */
function firstParentsOf({ parents }: HistoryGraph, isContained: Uint8Array): Uint8Array {
  const isMainline = new Uint8Array(isContained.length);
  let commit = isContained.lastIndexOf(1);
  while (commit >= 0) {
    isMainline[commit] = 1;
    commit = parents[commit]?.[0] ?? MISSING_PARENT;
  }
  return isMainline;
}
