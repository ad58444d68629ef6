import {
  CommitLineSchema,
  isStageError,
  provenance,
  readLines,
  recordParser,
  StageError,
} from "@repotune/schema";
import { type Static, Type } from "typebox";
import type { HistoryRow } from "../stats/history-table.ts";

const Count = Type.Integer({ minimum: 0 });
const Text = Type.Union([Type.String(), Type.Null()]);
const ChangeType = CommitLineSchema.properties.diffs.items.properties.change_type;

const FailureSchema = Type.Object({
  commit_hash: Type.String(),
  object: Text,
  filename: Text,
  reason: Type.String(),
});

/** What the tables about the whole keep of a commit: a row of {@link HistoryRow}, without names. */
const RowSchema = Type.Tuple([
  /** `author`, `author_email`, `timestamp`. */
  Type.String(),
  Type.String(),
  Text,
  /** `timestamp_unix`, `commit_timestamp_unix`, `is_merge`, `insertions`, `deletions`. */
  Type.Integer(),
  Type.Integer(),
  Type.Boolean(),
  Count,
  Count,
  /** `change_type`, `additions`, `deletions`, `filename`, then what is not null of the others. */
  Type.Array(
    Type.Union([
      Type.Tuple([ChangeType, Count, Count, Type.String()]),
      Type.Tuple([ChangeType, Count, Count, Type.String(), Text, Text, Text]),
    ]),
  ),
]);

/** What is known of a commit once it was dealt with, as its line has it. */
const StateEntrySchema = Type.Object({
  hash: Type.String(),
  /** Bytes of the output up to and including the commit's line. */
  end: Count,
  /** Commit date in seconds since 1970; null where git's value is no date. */
  seconds: Type.Union([Type.Integer(), Type.Null()]),
  /** The facts for tables about the whole; null if the commit has no line. */
  row: Type.Union([RowSchema, Type.Null()]),
  /** Blobs that were found to be binary here. */
  binary_blobs: Type.Array(Type.String()),
  failures: Type.Array(FailureSchema),
  /** Files that a filter left out, and patches that a limit did. */
  filtered: Type.Object({ files: Count, patches: Count }),
});

/** What is known of a commit once it was dealt with. */
export type StateEntry = Omit<Static<typeof StateEntrySchema>, "row"> & { row: HistoryRow | null };

/** What is remembered of a commit, wherever its line stands. */
export type RememberedCommit = Omit<StateEntry, "end">;

/** The line of a commit. */
export function stateLine(entry: RememberedCommit, end: number): string {
  const { hash, seconds, row, binary_blobs, failures, filtered } = entry;
  const packed = row && packRow(row);
  return `${JSON.stringify({ hash, end, seconds, row: packed, binary_blobs, failures, filtered })}\n`;
}

/** Names would take most of the file. */
function packRow({ metadata: m, diffs }: HistoryRow): Static<typeof RowSchema> {
  return [
    m.author,
    m.author_email,
    m.timestamp,
    m.timestamp_unix,
    m.commit_timestamp_unix,
    m.is_merge,
    m.insertions,
    m.deletions,
    diffs.map((diff) => {
      const { change_type, additions, deletions, filename, filename_bytes } = diff;
      const { old_filename = null, old_filename_bytes = null } = diff;
      return old_filename === null && filename_bytes === undefined
        ? [change_type, additions, deletions, filename]
        : [
            ...([change_type, additions, deletions, filename] as const),
            ...([filename_bytes ?? null, old_filename, old_filename_bytes] as const),
          ];
    }),
  ];
}

function unpackRow(row: Static<typeof RowSchema>): HistoryRow {
  const [author, author_email, timestamp, timestamp_unix, commit_timestamp_unix, ...rest] = row;
  const [is_merge, insertions, deletions, diffs] = rest;
  return {
    metadata: {
      ...{ author, author_email, timestamp, timestamp_unix, commit_timestamp_unix },
      ...{ is_merge, insertions, deletions },
    },
    diffs: diffs.map(([change_type, additions, deletions, filename, bytes, old, oldBytes]) => ({
      filename,
      ...(typeof bytes === "string" && { filename_bytes: bytes }),
      old_filename: old ?? null,
      ...(typeof oldBytes === "string" && { old_filename_bytes: oldBytes }),
      ...{ change_type, additions, deletions },
    })),
  };
}

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
    const { row, ...entry } = parse(line, path);
    yield {
      entry: { ...entry, row: row && unpackRow(row) },
      text: line.text,
      endOffset: line.endOffset,
    };
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
