import { type CommitLine, type Person, SCHEMA_VERSION } from "@repotune/schema";
import { isBot } from "../identity/bots.ts";
import { coAuthors, parseTrailers } from "../identity/trailers.ts";
import type { CommitObject, Identity } from "./commit-object.ts";
import type { FileRecord } from "./commit-record.ts";
import { complexityScore, HIGH_RISK } from "./complexity.ts";
import { isoDate, unixSeconds } from "./date.ts";
import { messageKind, splitMessage } from "./message.ts";
import { relatedIssues } from "./references.ts";
import { type Decode, type DecodedText, decodeName, isUtf8Label, messageDecoder } from "./text.ts";

/** Hides who people are. */
export interface PeopleFilter {
  /** Who stands in for a person. */
  of(person: Person): Person;
  /** A text in which nobody is named any more. */
  scrub(text: string): string;
}

/** What a record says of a commit beside its object and its changes. */
export interface CommitSurroundings {
  /** Position among the commits that are written. */
  number: number;
  hash: string;
  /** Whether parents are missing. */
  isBoundary: boolean;
  /** Seconds from the first parent's commit date; null without a parent in the history. */
  secondsSinceParent: number | null;
  /** Ids of earlier commits that the message names. */
  relatedCommits: (message: string) => string[];
  people: PeopleFilter | undefined;
}

/** A commit as a record, without its diffs. */
export function buildCommit(
  object: CommitObject,
  files: readonly FileRecord[],
  surroundings: CommitSurroundings,
): Omit<CommitLine, "diffs"> {
  const { number, hash, people } = surroundings;
  const decode = messageDecoder(object.encoding);
  const message = decodeMessage(object.message, decode, people);
  const parts = splitMessage(message.text);
  const diffs = files.map(({ fields }) => fields);
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
  const trailers = parseTrailers(message.text);
  const kind = messageKind(parts);
  const named = personOf(object.author, decode);
  const author = people?.of(named) ?? named;
  const committed = personOf(object.committer, decode);
  const committer = people?.of(committed) ?? committed;
  return {
    schema_version: SCHEMA_VERSION,
    commit_number: number,
    metadata: {
      hash,
      abbrev_hash: hash.slice(0, 12),
      tree_hash: object.tree,
      author: author.name,
      author_email: author.email,
      timestamp: isoDate(object.author.seconds, object.author.zone),
      timestamp_unix: unixSeconds(object.author.seconds),
      committer: committer.name,
      committer_email: committer.email,
      commit_timestamp: isoDate(object.committer.seconds, object.committer.zone),
      commit_timestamp_unix: unixSeconds(object.committer.seconds),
      message: parts.subject,
      message_body: parts.body,
      ...(message.bytes !== undefined && { message_bytes: message.bytes }),
      encoding: object.encoding && !isUtf8Label(object.encoding) ? object.encoding : null,
      trailers,
      co_authors: coAuthors(trailers),
      parents: object.parents,
      is_merge: isMerge,
      is_revert: kind.is_revert,
      is_fixup: kind.is_fixup,
      is_squash: kind.is_squash,
      files_changed: diffs.length,
      insertions,
      deletions,
    },
    context: {
      is_merge: isMerge,
      is_boundary: surroundings.isBoundary,
      is_bot: isBot(named),
      file_count: diffs.length,
      total_lines_changed: insertions + deletions,
      complexity_score: complexity,
      is_high_risk: complexity >= HIGH_RISK,
      seconds_since_parent: surroundings.secondsSinceParent,
      related_issues: relatedIssues(text),
      related_commits: surroundings.relatedCommits(text),
      directories,
      merge_base: null,
      conflicted_files: [],
    },
  };
}

/** A commit's author or committer in text. */
export const personOf = ({ name, email }: Identity, decode: Decode): Person => ({
  name: decodeName(name, decode),
  email: decodeName(email, decode),
});

/** The message, in which people may be hidden; its exact bytes would then give them away. */
function decodeMessage(
  bytes: Buffer,
  decode: Decode,
  people: PeopleFilter | undefined,
): DecodedText {
  const message = decode(bytes);
  return people ? { text: people.scrub(message.text) } : message;
}

type Fields = FileRecord["fields"];

const sum = (diffs: readonly Fields[], value: (diff: Fields) => number) =>
  diffs.reduce((total, diff) => total + value(diff), 0);

/** Folders that hold a changed file, `.` for the root. */
function directoriesOf(diffs: readonly Fields[]): string[] {
  const folders = new Set<string>();
  for (const { filename, old_filename } of diffs) {
    folders.add(folderOf(filename));
    if (old_filename !== null) folders.add(folderOf(old_filename));
  }
  return [...folders].sort();
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}
