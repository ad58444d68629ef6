import type { HistoryGraph, HistorySplit, SplitSide } from "@repotune/schema";

/**
 * On which side each commit belongs, worked out anew from the cuts: by walking back from the last
 * mainline commits before them, and by the newest commit of every branch, where the split goes forward
 * from commits to where they landed. Two ways to one answer, so that a fault in one shows.
 *
 * @returns undefined for a commit that belongs on no side.
 */
export function reachableSides(
  graph: HistoryGraph,
  { mainline, validationStart, testStart, dates }: HistorySplit,
): (commit: number) => SplitSide | undefined {
  const before = (cut: number) =>
    ancestors(
      graph,
      mainline.filter((commit) => commit < cut),
    );
  const train = before(validationStart);
  const validation = before(testStart);
  const all = before(Number.POSITIVE_INFINITY);
  const cutDate = dates[validationStart] as number;

  const newest = new Float64Array(graph.branches.length);
  for (let commit = 0; commit < graph.size; commit++) {
    for (const branch of graph.branchesOf(commit)) {
      newest[branch] = Math.max(newest[branch] as number, dates[commit] as number);
    }
  }
  const lateHeads: number[] = [];
  for (let commit = 0; commit < graph.size; commit++) {
    if (!all[commit] && (dates[commit] as number) >= cutDate) lateHeads.push(commit);
  }
  const leadsPast = ancestors(graph, lateHeads);
  const carriesOn = (commit: number) =>
    leadsPast[commit] === 1 ||
    graph.branchesOf(commit).some((branch) => (newest[branch] as number) >= cutDate);

  return (commit) => {
    if (train[commit]) return "train";
    if (validation[commit]) return "validation";
    if (all[commit]) return "test";
    return carriesOn(commit) ? undefined : "train";
  };
}

/** Marks `commits` and all that they descend from. */
function ancestors({ parents, size }: HistoryGraph, commits: readonly number[]): Uint8Array {
  const marks = new Uint8Array(size);
  const waiting = [...commits];
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    if (commit < 0 || marks[commit]) continue;
    marks[commit] = 1;
    for (const parent of parents[commit] ?? []) waiting.push(parent);
  }
  return marks;
}
