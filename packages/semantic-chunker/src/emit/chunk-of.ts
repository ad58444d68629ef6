import { type Chunk, type Commit, SCHEMA_VERSION } from "@repotune/schema";
import type { MessageClaim } from "../classify/message-claim.ts";
import type { FileChange } from "../match/file-change.ts";
import type { UnitChange } from "../match/unit-change.ts";
import { excerptOf } from "./excerpt.ts";
import { groupNeighbours } from "./neighbours.ts";
import { partsOf } from "./parts.ts";
import { type ToldChange, toldChange } from "./told-change.ts";
import { namesOf } from "./unit-names.ts";

/** A chunk before it has its number in the commit. */
export type Draft = Omit<Chunk, "chunk_id">;

/** What is the same for all chunks of one file's change. */
export interface FileContext {
  commit: Commit;
  claim: MessageClaim | undefined;
  relatedFiles: string[];
  linkedFiles: Chunk["linked_files"];
  /** Longest code of a chunk, and of one that tells of several units, in bytes. */
  maxBytes: number;
  maxMergedBytes: number;
}

/**
 * Writes the changes of one file's units as chunks: each as one; as several if it is long; and tiny
 * ones that follow one another together.
 *
 * @param changes in the order of the file.
 * @param changedOf gives the rows that belong to a change, by file.
 */
export function* chunksOfFile(
  changes: UnitChange[],
  changedOf: (change: UnitChange) => ReadonlyMap<FileChange, number[]>,
  context: FileContext,
): Generator<Draft> {
  const told = changes.map((change) => toldChange(change, changedOf(change), context.claim));
  for (const group of groupNeighbours(told, context.maxMergedBytes)) {
    yield* chunksOfGroup(group, context);
  }
}

function* chunksOfGroup(
  group: ToldChange[],
  { commit, relatedFiles, linkedFiles, maxBytes }: FileContext,
): Generator<Draft> {
  const [{ change, excerpt, classification }] = group as [ToldChange];
  const { file, op } = change;
  const { diff } = file;
  const { metadata } = commit;
  const isMerged = group.length > 1;
  const whole = isMerged
    ? excerptOf(
        group.map((one) => one.change),
        group.map((one) => one.excerpt.changed),
      )
    : excerpt;
  for (const part of partsOf(whole, maxBytes)) {
    yield {
      schema_version: SCHEMA_VERSION,
      commit_hash: metadata.hash,
      commit_number: commit.commit_number,
      file_path: diff.filename,
      old_file_path: oldPathOf(change),
      file_type: file.role,
      language: file.language,
      op,
      ...classification,
      change_category: diff.change_type,
      ...namesOf(change),
      line_range: { old: part.oldRange, new: part.newRange },
      ...(isMerged && { members: group.map(memberOf) }),
      old_code: part.oldCode,
      new_code: part.newCode,
      patch: part.patch,
      additions: part.additions,
      deletions: part.deletions,
      part: part.part,
      commit_metadata: {
        hash: metadata.hash,
        author: metadata.author,
        author_email: metadata.author_email,
        timestamp: metadata.timestamp,
        timestamp_unix: metadata.timestamp_unix,
        message: metadata.message,
      },
      related_files: relatedFiles,
      ...(linkedFiles && { linked_files: linkedFiles }),
    };
  }
}

/** What a chunk of several units says of one of them. */
function memberOf({ change, excerpt }: ToldChange): NonNullable<Chunk["members"]>[number] {
  const { kind: _, module_path: __, ...names } = namesOf(change);
  const rangeOf = (lines: number[] | undefined): [number, number] | null =>
    lines ? [lines[0] ?? 0, lines.at(-1) ?? 0] : null;
  const counts = { additions: 0, deletions: 0 };
  for (const [{ patch }, indexes] of excerpt.changed) {
    for (const index of indexes) {
      if (patch.rows[index]?.sign === "+") counts.additions += 1;
      else counts.deletions += 1;
    }
  }
  const line_range = { old: rangeOf(excerpt.old?.lines), new: rangeOf(excerpt.new?.lines) };
  return { ...names, line_range, ...counts };
}

function oldPathOf({ file, old }: UnitChange): string | null {
  const path = old
    ? (old.file.diff.old_filename ?? old.file.diff.filename)
    : file.diff.old_filename;
  return path === file.diff.filename ? null : path;
}
