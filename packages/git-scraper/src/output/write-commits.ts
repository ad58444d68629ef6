import { once } from "node:events";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import {
  commitsLineagePath,
  commitsSidecarPath,
  type Provenance,
  type StageContext,
  StageError,
} from "@repotune/schema";
import { now } from "../clock.ts";
import { completeLabels, wholeFields } from "../commit/commit-record.ts";
import type { Scrape } from "../scrape.ts";
import { continueFrom, findBrokenOff } from "../state/find-state.ts";
import { movedRefs } from "../state/moved-refs.ts";
import { readStateHeader, type StateHeader, statePath } from "../state/state-file.ts";
import { appendCommit } from "./commit-json.ts";
import { CommitsOutput } from "./commits-output.ts";
import { JsonBuffer } from "./json-buffer.ts";
import { jsonPieces } from "./json-pieces.ts";

/** Bytes that are handed to a stream at a time. */
const PRINT_BYTES = 1 << 16;

/** Path of the tables about the whole that stand beside an output. */
const statsPath = (output: string) => join(dirname(output), "history_stats.json");

/** Paths of the files that stand beside an output. */
export const besidePaths = (output: string): string[] =>
  output.endsWith(".json")
    ? [statsPath(output)]
    : [
        commitsSidecarPath(output),
        commitsLineagePath(output),
        statsPath(output),
        statePath(output),
      ];

export interface WriteOptions {
  output: string;
  /** State of a finished run to append to. */
  sinceState: string | undefined;
  provenance: Provenance;
  context: StageContext;
}

/**
 * Writes a history, and what belongs to it, to files.
 *
 * A run that was broken off is gone on with where it stood; the bytes in the end are those of an
 * uninterrupted one.
 */
export async function writeCommitFiles(scrape: Scrape, options: WriteOptions): Promise<void> {
  const { output, provenance, context } = options;
  const isDocument = output.endsWith(".json");
  const canonical = isDocument ? await scrape.canonicalAuthors() : undefined;
  const file = await openOutput(scrape, options);
  try {
    for await (const { record, labels, remembered } of scrape.records()) {
      if (record) {
        const fields = canonical
          ? wholeFields(record.fields, completeLabels(labels, record, canonical))
          : record.fields;
        const isFirst = record.fields.commit_number === 0;
        file.add({ fields, files: record.files }, isFirst, remembered);
      } else {
        file.remember(remembered);
      }
      if (file.isFull) await file.flush();
    }
    const people = canonical ?? (await scrape.canonicalAuthors());
    const metadata = scrape.metadata();
    const beside = new Map([[statsPath(output), jsonPieces(provenance, scrape.stats(people))]]);
    if (!isDocument) {
      beside.set(commitsLineagePath(output), jsonPieces(provenance, scrape.lineage(people)));
      beside.set(commitsSidecarPath(output), jsonPieces(provenance, { metadata }));
    }
    await file.finish(beside, metadata);
  } catch (error) {
    const isKept = await file.suspend();
    if (isKept) context.onNotice?.("Run the same command again to go on where it stopped.");
    throw error;
  }
}

/** Prints a history of whole commits, a line each. */
export async function printCommits(scrape: Scrape, stream: Writable): Promise<void> {
  const canonical = await scrape.canonicalAuthors();
  const json = new JsonBuffer();
  const print = async () => {
    const copy = Buffer.from(json.view()); // The stream keeps it until it is written.
    json.clear();
    if (!stream.write(copy)) await once(stream, "drain");
  };
  for await (const { record, labels } of scrape.records()) {
    if (!record) continue;
    const whole = wholeFields(record.fields, completeLabels(labels, record, canonical));
    appendCommit(json, whole, record.files);
    json.text("\n");
    if (json.length >= PRINT_BYTES) await print();
  }
  await print();
}

async function openOutput(scrape: Scrape, options: WriteOptions): Promise<CommitsOutput> {
  const { output, sinceState, provenance, context } = options;
  if (sinceState !== undefined && output.endsWith(".json")) {
    throw new StageError("E_USAGE", "--since-state appends to a *.jsonl file only.", {
      hint: "Every commit of a *.json file has its branches in it, which change.",
    });
  }
  const earlier = sinceState === undefined ? undefined : await readStateHeader(sinceState);
  const header: StateHeader = {
    ...provenance,
    continues: earlier?.input_hash ?? null,
    scrape_timestamp: now(),
    refs: scrape.refs,
  };
  const { facts } = scrape;
  let found = await findBrokenOff(output, header, (entry) => facts.add(entry));
  if (found) {
    const done = `${facts.done.toLocaleString("en-US")} commits`;
    context.onNotice?.(`Going on after ${done} of a run that was broken off.`);
  } else if (sinceState !== undefined) {
    found = await continueFrom(sinceState, output, header, (entry) => facts.add(entry));
  }
  if (earlier) {
    const isPartOf = (commit: string, ref: string) => scrape.isPartOf(commit, ref);
    for (const notice of movedRefs(earlier.refs, scrape.refs, isPartOf)) context.onNotice?.(notice);
  }
  return CommitsOutput.open(output, header, provenance, found);
}
