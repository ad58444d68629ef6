import type { CommitGraph } from "../history/commit-graph.ts";
import type { Range, ScrapeEstimate } from "./analysis.ts";
import type { DiffCost, DiffSample } from "./measure-diffs.ts";
import { KINDS, kindOf } from "./sample.ts";

/** Bytes of a commit's record without its message, branches and files, and of a file's without its name and patch. */
const RECORD_BYTES = { commit: 1000, file: 500 };

/** Bytes of JSON that are made and written in a millisecond, beside the diffs. */
const WRITTEN_BYTES = 150_000;

/** A sample sees few of the largest commits, which have much of the bytes: standard errors allowed for. */
const SPREAD = 2.5;

/**
 * Estimates a whole scrape from a sample of its commits, each kind of commit by its own mean
 * (stratified sampling).
 *
 * @param known facts about the whole history.
 * @returns null for a sample without commits.
 */
export function estimateScrape(
  graph: CommitGraph,
  { costs, unreadable }: DiffSample,
  known: { objectBytes: number; walkMilliseconds: number; diffProcesses: number },
): ScrapeEstimate | null {
  if (costs.length === 0) return null;
  const total = (value: (cost: DiffCost) => number) => extrapolate(graph, costs, value);
  const files = total((cost) => RECORD_BYTES.file * cost.files + cost.bytes);
  const records = graph.size * RECORD_BYTES.commit + known.objectBytes;
  const bytes = range(records + files.sum, files.error, records);
  const diffs = total((cost) => cost.milliseconds);
  const diffing = diffs.sum / known.diffProcesses;
  const error = diffs.error / known.diffProcesses;
  // Writing goes on beside the diffs; where they are quick it is what takes the time.
  const writing = bytes.expected / WRITTEN_BYTES;
  const work = known.walkMilliseconds + Math.max(diffing, writing);
  const seconds = range(work / 1000, error / 1000 + work / 4000, known.walkMilliseconds / 1000);
  return {
    sampled_commits: costs.length,
    unreadable_commits: unreadable,
    output_bytes: roundRange(bytes, 0),
    seconds: roundRange(seconds, 1),
  };
}

/** The sum over a whole history, with its standard error. */
function extrapolate(
  graph: CommitGraph,
  costs: readonly DiffCost[],
  value: (cost: DiffCost) => number,
): { sum: number; error: number } {
  const counts = { root: 0, merge: 0, plain: 0 };
  for (let commit = 0; commit < graph.size; commit += 1) counts[kindOf(graph, commit)] += 1;
  let sum = 0;
  let variance = 0;
  for (const kind of KINDS) {
    const ofKind = costs.filter(({ commit }) => kindOf(graph, commit) === kind).map(value);
    // A kind of which nothing was seen is taken for the average.
    const values = ofKind.length > 0 ? ofKind : costs.map(value);
    const mean = values.reduce((total, each) => total + each, 0) / values.length;
    const squares = values.reduce((total, each) => total + (each - mean) ** 2, 0);
    const deviation = squares / Math.max(1, values.length - 1);
    const unseen = Math.max(0, 1 - ofKind.length / Math.max(1, counts[kind]));
    sum += counts[kind] * mean;
    variance += (counts[kind] ** 2 * deviation * unseen) / values.length;
  }
  return { sum, error: Math.sqrt(variance) };
}

const range = (expected: number, error: number, least: number): Range => ({
  low: Math.max(least, expected / (1 + (SPREAD * error) / expected)),
  expected,
  high: expected + SPREAD * error,
});

function roundRange({ low, expected, high }: Range, digits: number): Range {
  const round = (value: number) => Number(value.toFixed(digits));
  return { low: round(low), expected: round(expected), high: round(high) };
}
