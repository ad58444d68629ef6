import { type HistoryGraph, MISSING_PARENT } from "./history-graph.ts";
import { type Mainline, NOT_LANDED } from "./mainline.ts";

/** 2100-01-01: beyond it, a date is a mistake and no clock that runs ahead. */
const FAR_FUTURE = 4_102_444_800;

/** Why a commit's date was replaced. */
export type DateFault = "before_1970" | "far_future" | "out_of_order";

/** Dates that no commit's parents exceed. */
export interface RepairedDates {
  /** Seconds since 1970, by commit number. */
  dates: Float64Array;
  /** Commits whose date was replaced, in their order. */
  repaired: { commit: number; fault: DateFault; stated: number }[];
}

/**
 * Makes commit dates agree with the graph, changing as few as possible.
 *
 * Of the mainline's dates, those of the longest sequence that never falls are believed; one wrong
 * clock, fast or slow, then costs its own commits only. The others get the date of the believed one
 * before them. A commit beside the mainline lies between its parents and the commit it landed with.
 */
export function repairDates(graph: HistoryGraph, { landing, mainline }: Mainline): RepairedDates {
  const { statedDates: stated, size } = graph;
  const dates = new Float64Array(size);
  repairMainline(stated, mainline, dates);
  for (let commit = 0; commit < size; commit++) {
    const landed = landing[commit] as number;
    if (landed === commit) continue;
    let earliest = Number.NEGATIVE_INFINITY;
    for (const parent of graph.parents[commit] ?? []) {
      if (parent !== MISSING_PARENT) earliest = Math.max(earliest, dates[parent] as number);
    }
    const own = stated[commit] as number;
    const wished = Math.max(isPlausible(own) ? own : earliest, earliest);
    const latest = landed === NOT_LANDED ? wished : (dates[landed] as number);
    dates[commit] = Math.max(0, Math.min(wished, latest));
  }
  const repaired: RepairedDates["repaired"] = [];
  for (let commit = 0; commit < size; commit++) {
    const own = stated[commit] as number;
    if (dates[commit] !== own) repaired.push({ commit, fault: faultOf(own), stated: own });
  }
  return { dates, repaired };
}

const isPlausible = (date: number) => date > 0 && date < FAR_FUTURE;

const faultOf = (date: number): DateFault =>
  date <= 0 ? "before_1970" : date >= FAR_FUTURE ? "far_future" : "out_of_order";

function repairMainline(
  stated: readonly number[],
  mainline: readonly number[],
  dates: Float64Array,
): void {
  const believed = longestRise(mainline.map((commit) => stated[commit] as number));
  const first = mainline[believed.indexOf(1)];
  let date = first === undefined ? 0 : (stated[first] as number);
  for (const [i, commit] of mainline.entries()) {
    if (believed[i]) date = stated[commit] as number;
    dates[commit] = date;
  }
}

/** Marks a longest subsequence of plausible dates that never falls. */
function longestRise(dates: readonly number[]): Uint8Array {
  /** Position of the lowest date that ends a rise of each length. */
  const ends: number[] = [];
  const before = new Int32Array(dates.length).fill(-1);
  for (const [i, date] of dates.entries()) {
    if (!isPlausible(date)) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((dates[ends[middle] as number] as number) <= date) low = middle + 1;
      else high = middle;
    }
    before[i] = ends[low - 1] ?? -1;
    ends[low] = i;
  }
  const marks = new Uint8Array(dates.length);
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i] as number) marks[i] = 1;
  return marks;
}
