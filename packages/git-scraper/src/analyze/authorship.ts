import { ObjectReader, type Repository } from "@repotune/git";
import { throwIfAborted } from "@repotune/schema";
import { parseCommitObject } from "../commit/commit-object.ts";
import { isoDate } from "../commit/date.ts";
import type { CommitGraph } from "../history/commit-graph.ts";

/** Who wrote a history, and when. */
export interface Authorship {
  authors: number;
  dateRange: { first: string | null; last: string | null };
  /** Bytes of all commit objects together. */
  objectBytes: number;
  /** Commit objects that cannot be read. */
  missing: number;
}

/** Commits that are asked for at a time, while the ones before them are looked at. */
const BATCH = 2048;

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
  const reader = ObjectReader.open(repository);
  const ask = (start: number) => {
    const length = Math.max(0, Math.min(BATCH, graph.size - start));
    const batch = Promise.all(
      Array.from({ length }, (_, offset) => reader.read(graph.id(start + offset))),
    );
    batch.catch(() => undefined); // It is awaited in its turn.
    return batch;
  };
  try {
    let next = ask(0);
    for (let start = 0; start < graph.size; start += BATCH) {
      throwIfAborted(signal);
      const batch = await next;
      next = ask(start + BATCH);
      for (const object of batch) {
        if (!object) {
          missing += 1;
          continue;
        }
        objectBytes += object.length;
        const { email, seconds, zone } = parseCommitObject(object).author;
        emails.add(email.toString("latin1"));
        if (seconds === undefined || (seconds >= first.seconds && seconds < last.seconds)) continue;
        const date = isoDate(seconds, zone);
        if (date === null) continue;
        if (seconds < first.seconds) first = { seconds, date };
        if (seconds >= last.seconds) last = { seconds, date };
      }
    }
  } finally {
    await reader.close();
  }
  const dateRange = { first: first.date, last: last.date };
  return { authors: emails.size, dateRange, objectBytes, missing };
}
