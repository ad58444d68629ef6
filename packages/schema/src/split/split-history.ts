import { StageError } from "../error.ts";
import { type HistoryGraph, MISSING_PARENT } from "./history-graph.ts";
import { findMainline, type Mainline, NOT_LANDED } from "./mainline.ts";
import { checkRatios, type SplitRatios } from "./ratios.ts";
import { type RepairedDates, repairDates } from "./repair-dates.ts";

/** The sides of a split, in the order of time. */
export const SPLIT_SIDES = ["train", "validation", "test"] as const;

/** Which side of the cuts a commit lies on. */
export type SplitSide = (typeof SPLIT_SIDES)[number];

/** A history cut in time. */
export interface HistorySplit extends Mainline, RepairedDates {
  /** Mainline commits that validation and test begin with, by number. */
  validationStart: number;
  testStart: number;
  /** Commits of each side, in the order of time. */
  sides: Record<SplitSide, number[]>;
  /** Commits on no side: not merged, and on refs that carry on after the first cut. */
  leftOut: number[];
  /** Side of each commit, by number; undefined for one that is left out. */
  sideOf: (SplitSide | undefined)[];
}

/**
 * Cuts a history in time, between commits of the mainline.
 *
 * A commit's time is when it reached the mainline: what a branch prepared before a cut and a merge
 * brought in after it is the future. Commits that the mainline does not contain feed train if every
 * ref that contains them ended before the first cut, and no side otherwise.
 *
 * A function of the commits and the ratios alone, so that every stage that must not look past the
 * cut (vocabulary, tables, windows) finds it by itself. Each side gets at least one commit.
 *
 * @throws {StageError} `E_TOO_SMALL` for a mainline of fewer than three commits, `E_USAGE` for ratios
 *   that do not sum to 1.
 */
export function splitHistory(graph: HistoryGraph, ratios: SplitRatios): HistorySplit {
  checkRatios(ratios);
  const line = findMainline(graph);
  checkLength(graph, line);
  const repaired = repairDates(graph, line);
  const { landing } = line;
  const { dates } = repaired;
  const [validationStart, testStart] = cutsOf(line, ratios);
  const lastDates = lastDatesOf(graph, landing, dates);
  const cutDate = dates[validationStart] as number;

  const sideOf = Array.from(landing, (landed, commit): SplitSide | undefined => {
    if (landed === NOT_LANDED) {
      return (lastDates[commit] as number) < cutDate ? "train" : undefined;
    }
    return landed < validationStart ? "train" : landed < testStart ? "validation" : "test";
  });
  const timeOf = (commit: number): number => {
    const landed = landing[commit] as number;
    return (landed === NOT_LANDED ? lastDates[commit] : dates[landed]) as number;
  };
  const inTime = (a: number, b: number): number =>
    timeOf(a) - timeOf(b) || (landing[a] as number) - (landing[b] as number) || a - b;
  const on = (side: SplitSide | undefined): number[] =>
    [...sideOf.keys()].filter((commit) => sideOf[commit] === side);
  const sides = {
    train: on("train").sort(inTime),
    validation: on("validation").sort(inTime),
    test: on("test").sort(inTime),
  };
  const leftOut = on(undefined);
  return { ...line, ...repaired, validationStart, testStart, sides, leftOut, sideOf };
}

/**
 * The mainline commits that validation and test begin with: those before which the shares of all
 * commits that landed come closest to what is wanted.
 */
function cutsOf({ landing, mainline }: Mainline, [train, validation]: SplitRatios) {
  const landed = new Map<number, number>();
  let total = 0;
  for (const commit of landing) {
    if (commit === NOT_LANDED) continue;
    landed.set(commit, (landed.get(commit) ?? 0) + 1);
    total += 1;
  }
  /** Commits that landed before each of the mainline's. */
  const before: number[] = [];
  let sum = 0;
  for (const commit of mainline) {
    before.push(sum);
    sum += landed.get(commit) ?? 0;
  }
  const closest = (wanted: number, first: number, last: number): number => {
    let best = first;
    for (let i = first; i <= last; i++) {
      const distance = Math.abs((before[i] as number) - wanted);
      if (distance <= Math.abs((before[best] as number) - wanted)) best = i;
    }
    return best;
  };
  const end = mainline.length - 1;
  const validationStart = closest(total * train, 1, end - 1);
  const testStart = closest(total * (train + validation), validationStart + 1, end);
  return [mainline[validationStart] as number, mainline[testStart] as number] as const;
}

/**
 * For commits that the mainline does not contain: the date of the newest commit on any ref that
 * contains them, found along children, and by branch where the graph has gaps.
 */
function lastDatesOf(graph: HistoryGraph, landing: Int32Array, dates: Float64Array): Float64Array {
  const last = Float64Array.from(dates);
  const ofBranch = new Map<number, number>();
  for (let commit = graph.size - 1; commit >= 0; commit--) {
    if (landing[commit] !== NOT_LANDED) continue;
    const date = last[commit] as number;
    for (const parent of graph.parents[commit] ?? []) {
      if (parent !== MISSING_PARENT) last[parent] = Math.max(last[parent] as number, date);
    }
    for (const branch of graph.branchesOf(commit)) {
      ofBranch.set(branch, Math.max(ofBranch.get(branch) ?? 0, date));
    }
  }
  for (let commit = 0; commit < graph.size; commit++) {
    if (landing[commit] !== NOT_LANDED) continue;
    for (const branch of graph.branchesOf(commit)) {
      last[commit] = Math.max(last[commit] as number, ofBranch.get(branch) ?? 0);
    }
  }
  return last;
}

function checkLength({ size }: HistoryGraph, { mainline }: Mainline): void {
  if (mainline.length >= 3) return;
  const count = (commits: number) => `${commits} ${commits === 1 ? "commit" : "commits"}`;
  throw new StageError(
    "E_TOO_SMALL",
    size < 3
      ? `The history has ${count(size)}; a split into train, validation and test needs at least 3.`
      : `Of the history's ${size} commits, ${count(mainline.length)} follow one another on HEAD's mainline; a split into train, validation and test needs at least 3.`,
    { hint: "Choose a repository with more history, check out its main branch, or unshallow it." },
  );
}
