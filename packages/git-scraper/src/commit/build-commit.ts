import { posix } from "node:path";
import { type Commit, type Diff, SCHEMA_VERSION } from "@repotune/schema";
import type { CommitObject, Identity } from "./commit-object.ts";
import { complexityScore, HIGH_RISK } from "./complexity.ts";
import { isoDate, unixSeconds } from "./date.ts";
import { messageKind, splitMessage } from "./message.ts";
import { relatedIssues } from "./references.ts";
import { isUtf8Label, messageDecoder } from "./text.ts";

/** What a record says of a commit beside its object and its changes. */
export interface CommitSurroundings {
  /** Position among the commits that are written. */
  number: number;
  hash: string;
  branches: Commit["branches"];
  tags: string[];
  /** Seconds from the first parent's commit date; null without a parent in the history. */
  secondsSinceParent: number | null;
  /** Ids of earlier commits that the message names. */
  relatedCommits: (message: string) => string[];
}

/** A commit as a record. */
export function buildCommit(
  object: CommitObject,
  diffs: Diff[],
  surroundings: CommitSurroundings,
): Commit {
  const { number, hash, branches, tags } = surroundings;
  const decode = messageDecoder(object.encoding);
  const message = decode(object.message);
  const parts = splitMessage(message.text);
  const insertions = sum(diffs, (diff) => diff.additions);
  const deletions = sum(diffs, (diff) => diff.deletions);
  const directories = directoriesOf(diffs);
  const isMerge = object.parents.length > 1;
  const complexity = complexityScore({
    lines: insertions + deletions,
    files: diffs.length,
    directories: directories.length,
  });
  const text = `${parts.subject}\n${parts.body}`;
  return {
    schema_version: SCHEMA_VERSION,
    commit_number: number,
    metadata: {
      hash,
      abbrev_hash: hash.slice(0, 12),
      tree_hash: object.tree,
      author: decode(object.author.name).text,
      author_email: decode(object.author.email).text,
      ...dates(object.author, "timestamp"),
      committer: decode(object.committer.name).text,
      committer_email: decode(object.committer.email).text,
      ...dates(object.committer, "commit_timestamp"),
      message: parts.subject,
      message_body: parts.body,
      ...(message.bytes !== undefined && { message_bytes: message.bytes }),
      encoding: object.encoding && !isUtf8Label(object.encoding) ? object.encoding : null,
      parents: object.parents,
      is_merge: isMerge,
      ...messageKind(parts),
      files_changed: diffs.length,
      insertions,
      deletions,
    },
    branches,
    tags,
    diffs,
    context: {
      is_merge: isMerge,
      has_tags: tags.length > 0,
      file_count: diffs.length,
      total_lines_changed: insertions + deletions,
      complexity_score: complexity,
      is_high_risk: complexity >= HIGH_RISK,
      seconds_since_parent: surroundings.secondsSinceParent,
      related_issues: relatedIssues(text),
      related_commits: surroundings.relatedCommits(text),
      directories,
      // Either would take git a walk, or a merge, for each merge of the history.
      merge_base: null,
      conflicted_files: [],
    },
  };
}

const sum = (diffs: readonly Diff[], value: (diff: Diff) => number) =>
  diffs.reduce((total, diff) => total + value(diff), 0);

/** The date and its seconds under their two names, the record's order kept. */
function dates<Name extends "timestamp" | "commit_timestamp">(
  { seconds, zone }: Identity,
  name: Name,
) {
  return {
    [name]: isoDate(seconds, zone),
    [`${name}_unix`]: unixSeconds(seconds),
  } as Record<Name, string | null> & Record<`${Name}_unix`, number>;
}

/** Folders that hold a changed file, `.` for the root. */
function directoriesOf(diffs: readonly Diff[]): string[] {
  const folders = new Set<string>();
  for (const { filename, old_filename } of diffs) {
    folders.add(posix.dirname(filename));
    if (old_filename !== null) folders.add(posix.dirname(old_filename));
  }
  return [...folders].sort();
}
