import {
  CommitLineSchema,
  isStageError,
  provenance,
  readLines,
  recordParser,
  StageError,
} from "@repotune/schema";
import { type Static, Type } from "typebox";

const Count = Type.Integer({ minimum: 0 });
const Text = Type.Union([Type.String(), Type.Null()]);

const FailureSchema = Type.Object({
  commit_hash: Type.String(),
  object: Text,
  filename: Text,
  reason: Type.String(),
});

/** What is known of a commit once it was dealt with. */
const StateEntrySchema = Type.Object({
  hash: Type.String(),
  /** Commit date in seconds since 1970; null where git's value is no date. */
  seconds: Type.Union([Type.Integer(), Type.Null()]),
  /** Bytes of the output up to and including the commit's line. */
  end: Count,
  /** The facts for tables about the whole; null if the commit has no line. */
  row: Type.Union([
    Type.Object({
      metadata: Type.Pick(CommitLineSchema.properties.metadata, [
        "author",
        "author_email",
        "timestamp",
        "timestamp_unix",
        "commit_timestamp_unix",
        "is_merge",
        "insertions",
        "deletions",
      ]),
      diffs: Type.Array(
        Type.Pick(CommitLineSchema.properties.diffs.items, [
          "filename",
          "filename_bytes",
          "old_filename",
          "old_filename_bytes",
          "change_type",
          "additions",
          "deletions",
        ]),
      ),
    }),
    Type.Null(),
  ]),
  /** Blobs that were found to be binary here. */
  binaryBlobs: Type.Array(Type.String()),
  failures: Type.Array(FailureSchema),
  /** Files that a filter left out, and patches that a limit did. */
  filtered: Type.Object({ files: Count, patches: Count }),
});

export type StateEntry = Static<typeof StateEntrySchema>;

/** First line of a state file: what its run was about. */
const StateHeaderSchema = Type.Object({
  ...provenance,
  /** `input_hash` of the finished run that this one continues; null for a full one. */
  continues: Text,
  scrape_timestamp: Type.String(),
  /** Full names of the refs that were followed, with the commits they led to. */
  refs: Type.Array(Type.Tuple([Type.String(), Type.String()])),
});

export type StateHeader = Static<typeof StateHeaderSchema>;

/** Path of the state of a run that writes `output`. */
export const statePath = (output: string): string =>
  `${output.replace(/\.jsonl?$/, "")}.state.jsonl`;

/** One commit's line of a state file. */
export interface StateLine {
  entry: StateEntry;
  text: string;
  /** Bytes of the file up to and including the line. */
  endOffset: number;
}

/**
 * The header of a state file.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_TRUNCATED`, `E_SCHEMA_VERSION` or `E_INPUT`.
 */
export async function readStateHeader(path: string): Promise<StateHeader> {
  for await (const line of readLines(path)) return recordParser(StateHeaderSchema)(line, path);
  throw new StageError("E_TRUNCATED", `${path} is empty.`, { hint: "Scrape without it." });
}

/**
 * The lines of a state file behind its header.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_TRUNCATED` or `E_INPUT`, naming the line.
 */
export async function* readStateLines(path: string): AsyncGenerator<StateLine> {
  const parse = recordParser(StateEntrySchema);
  for await (const line of readLines(path)) {
    if (line.number === 1) continue;
    if (!line.isTerminated) {
      throw new StageError("E_TRUNCATED", `${path} line ${line.number} is cut off.`, {
        hint: "The file is incomplete: scrape without it.",
      });
    }
    yield { entry: parse(line, path), text: line.text, endOffset: line.endOffset };
  }
}

/** The lines of a state file up to where the writing of it was broken off. */
export async function* readWholeStateLines(path: string): AsyncGenerator<StateLine> {
  try {
    yield* readStateLines(path);
  } catch (error) {
    if (!isStageError(error) || error.code !== "E_TRUNCATED") throw error;
  }
}
