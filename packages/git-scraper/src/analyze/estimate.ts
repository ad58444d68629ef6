import type { CommitGraph } from "../history/commit-graph.ts";
import type { Range, ScrapeEstimate } from "./analysis.ts";
import type { DiffCost, DiffSample } from "./measure-diffs.ts";
import { KINDS, kindOf } from "./sample.ts";

/**
 * Bytes of a commit's record without its message, branches and files, and of a file's without its
 * patch.
 */
const RECORD_BYTES = { commit: 1000, file: 500 };

/** Making and writing records: milliseconds for each commit, and bytes in a millisecond. */
const WRITING = { commit: 0.1, bytes: 200_000 };

/**
 * Standard errors to either side of what is expected. A few commits can hold most of a history's
 * bytes, so no normal distribution is assumed: by Chebyshev's inequality four leave out a sixteenth
 * at most, whatever the distribution.
 */
const ERRORS = 4;

/** Largest variance of the logarithm of sizes that is believed: beyond it all would be possible. */
const MAX_LOG_VARIANCE = 4;

/** What is known of a history as a whole. */
export interface KnownFacts {
  /** Bytes of all commit objects together. */
  objectBytes: number;
  /** What it took to list all commits and read their objects. */
  walkMilliseconds: number;
  diffProcesses: number;
  /** Processors of this machine. */
  processors: number;
}

/**
 * Estimates a whole scrape from a sample of its commits, each kind of commit by its own mean
 * (stratified sampling).
 *
 * @returns null for a sample without commits.
 */
export function estimateScrape(
  graph: CommitGraph,
  { costs, unreadable }: DiffSample,
  known: KnownFacts,
): ScrapeEstimate | null {
  if (costs.length === 0) return null;
  const files = extrapolate(graph, costs, (cost) => RECORD_BYTES.file * cost.files + cost.bytes);
  const diffs = extrapolate(graph, costs, ({ milliseconds }) => milliseconds);
  const records = graph.size * RECORD_BYTES.commit + known.objectBytes;
  const writing = graph.size * WRITING.commit + (records + files.sum) / WRITING.bytes;
  // Diffs and writing go on beside each other, as far as there are processors for them.
  const diffing = diffs.sum / Math.min(known.diffProcesses, known.processors);
  const working = Math.max(diffing, writing, (diffs.sum + writing) / known.processors);
  return {
    sampled_commits: costs.length,
    unreadable_commits: unreadable,
    output_bytes: range(records, files.sum, files.error, 0),
    // How busy the machine is elsewhere makes as much of a difference as the sample.
    seconds: range(known.walkMilliseconds / 1000, working / 1000, diffs.error + 0.1, 1),
  };
}

/** The sum over a whole history, and its standard error as a share of it. */
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
    const unseen = Math.max(0, 1 - ofKind.length / Math.max(1, counts[kind]));
    sum += counts[kind] * meanOf(values);
    variance += (counts[kind] ** 2 * unseen * varianceOf(values)) / values.length;
  }
  const unseen = Math.max(0, 1 - costs.length / graph.size);
  const skew = Math.sqrt((logNormalVariance(costs.map(value)) * unseen) / costs.length);
  return { sum, error: Math.max(sum === 0 ? 0 : Math.sqrt(variance) / sum, skew) };
}

/**
 * Variance over the square of the mean, if values are distributed log-normally, as sizes of changes
 * about are. A small sample lacks the few largest, and its own variance says nothing of them; the
 * variance of its logarithms does.
 */
function logNormalVariance(values: readonly number[]): number {
  const logarithms = values.filter((value) => value > 0).map(Math.log);
  if (logarithms.length < 2) return Math.expm1(MAX_LOG_VARIANCE);
  return Math.expm1(Math.min(MAX_LOG_VARIANCE, varianceOf(logarithms)));
}

const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return squares / Math.max(1, values.length - 1);
}

/** @param error of `estimated`, as a share of it; `certain` is known. */
function range(certain: number, estimated: number, error: number, digits: number): Range {
  const factor = 1 + ERRORS * error;
  const round = (value: number) => Number(value.toFixed(digits));
  return {
    low: round(certain + estimated / factor),
    expected: round(certain + estimated),
    high: round(certain + estimated * factor),
  };
}
