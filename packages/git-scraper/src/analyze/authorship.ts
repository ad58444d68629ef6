import type { Repository } from "@repotune/git";
import { parseCommitObject } from "../commit/commit-object.ts";
import { isoDate } from "../commit/date.ts";
import type { CommitGraph } from "../history/commit-graph.ts";
import { readCommitObjects } from "../history/read-commit-objects.ts";

/** Who wrote a history, and when. */
export interface Authorship {
  authors: number;
  dateRange: { first: string | null; last: string | null };
  /** Bytes of all commit objects together. */
  objectBytes: number;
  /** Commit objects that cannot be read. */
  missing: number;
}

/** Reads every commit object of a history. */
export async function readAuthorship(
  repository: Repository,
  graph: CommitGraph,
  signal: AbortSignal | undefined,
): Promise<Authorship> {
  const emails = new Set<string>();
  let first = { seconds: Number.POSITIVE_INFINITY, date: null as string | null };
  let last = { seconds: Number.NEGATIVE_INFINITY, date: null as string | null };
  let objectBytes = 0;
  let missing = 0;
  for await (const lot of readCommitObjects(repository, graph, graph.positions(), signal)) {
    for (const { object } of lot) {
      if (!object) {
        missing += 1;
        continue;
      }
      objectBytes += object.length;
      const { email, seconds, zone } = parseCommitObject(object).author;
      emails.add(email);
      if (seconds === undefined || (seconds >= first.seconds && seconds < last.seconds)) continue;
      const date = isoDate(seconds, zone);
      if (date === null) continue;
      if (seconds < first.seconds) first = { seconds, date };
      if (seconds >= last.seconds) last = { seconds, date };
    }
  }
  const dateRange = { first: first.date, last: last.date };
  return { authors: emails.size, dateRange, objectBytes, missing };
}
