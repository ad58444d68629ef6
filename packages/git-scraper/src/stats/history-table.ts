import type { Commit, Diff, Person } from "@repotune/schema";
import { isoDate } from "../commit/date.ts";
import { Column } from "./column.ts";
import { PathTable } from "./path-table.ts";

/** What the table keeps of one file's change. */
export interface HistoryChange
  extends Pick<
    Diff,
    "filename" | "filename_bytes" | "change_type" | "additions" | "deletions" | "old_filename_bytes"
  > {
  /** Path before a rename or copy; left out, or null, for other changes. */
  old_filename?: string | null;
}

/**
 * What the table keeps of one commit: a part of its record, so that a {@link Commit} itself is one.
 * As JSON it is read back exactly.
 */
export interface HistoryRow {
  metadata: Pick<
    Commit["metadata"],
    | "author"
    | "author_email"
    | "timestamp"
    | "timestamp_unix"
    | "commit_timestamp_unix"
    | "is_merge"
    | "insertions"
    | "deletions"
  >;
  diffs: HistoryChange[];
}

/** Stands for the time zone of an author date that is none. */
const NO_DATE = -0x8000;

/**
 * Facts about every commit of a history in a compact form, from which all that concerns the history
 * as a whole is computed at the end.
 *
 * A commit takes some 40 bytes and a file's change 17, beside the distinct paths and authors.
 */
export class HistoryTable {
  /** Distinct authors as the commits name them, in order of appearance. */
  readonly authors: Person[] = [];
  readonly paths = new PathTable();
  readonly #authorIds = new Map<string, number>();
  readonly #author = new Column((length) => new Uint32Array(length));
  readonly #seconds = new Column((length) => new Float64Array(length));
  /** Minutes east of UTC of the author date, or {@link NO_DATE}. */
  readonly #offset = new Column((length) => new Int16Array(length));
  readonly #commitSeconds = new Column((length) => new Float64Array(length));
  readonly #isMerge = new Column((length) => new Uint8Array(length));
  readonly #insertions = new Column((length) => new Float64Array(length));
  readonly #deletions = new Column((length) => new Float64Array(length));
  /** Where each commit's changes end. */
  readonly #changesEnd = new Column((length) => new Uint32Array(length));
  readonly #path = new Column((length) => new Int32Array(length));
  /** -1 where there is none. */
  readonly #oldPath = new Column((length) => new Int32Array(length));
  readonly #letter = new Column((length) => new Uint8Array(length));
  readonly #additions = new Column((length) => new Uint32Array(length));
  readonly #removals = new Column((length) => new Uint32Array(length));

  /** Commits in the table. */
  get size(): number {
    return this.#author.length;
  }

  /** File changes of all commits together. */
  get changeCount(): number {
    return this.#path.length;
  }

  /** Bytes that the columns take; paths and authors come on top. */
  get byteLength(): number {
    const ofCommits = [this.#author, this.#seconds, this.#offset, this.#commitSeconds];
    const counts = [this.#isMerge, this.#insertions, this.#deletions, this.#changesEnd];
    const ofChanges = [this.#path, this.#oldPath, this.#letter, this.#additions, this.#removals];
    return [...ofCommits, ...counts, ...ofChanges].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
  }

  /** Appends a commit. */
  add({ metadata, diffs }: HistoryRow): void {
    this.#author.push(this.#internAuthor(metadata.author, metadata.author_email));
    this.#seconds.push(metadata.timestamp_unix);
    this.#offset.push(metadata.timestamp === null ? NO_DATE : offsetMinutes(metadata.timestamp));
    this.#commitSeconds.push(metadata.commit_timestamp_unix);
    this.#isMerge.push(metadata.is_merge ? 1 : 0);
    this.#insertions.push(metadata.insertions);
    this.#deletions.push(metadata.deletions);
    for (const diff of diffs) {
      const { filename, filename_bytes, old_filename, old_filename_bytes } = diff;
      this.#path.push(this.paths.intern(filename, filename_bytes));
      const hasOld = old_filename !== null && old_filename !== undefined;
      this.#oldPath.push(hasOld ? this.paths.intern(old_filename, old_filename_bytes) : -1);
      this.#letter.push(diff.change_type.charCodeAt(0));
      this.#additions.push(diff.additions);
      this.#removals.push(diff.deletions);
    }
    this.#changesEnd.push(this.#path.length);
  }

  /** The commit at a position, as it was added. */
  row(index: number): HistoryRow {
    const { name, email } = this.authors[this.author(index)] as Person;
    const diffs: HistoryChange[] = [];
    for (let change = this.changesStart(index); change < this.changesEnd(index); change += 1) {
      diffs.push(this.#change(change));
    }
    return {
      metadata: {
        author: name,
        author_email: email,
        timestamp: this.timestamp(index),
        timestamp_unix: this.seconds(index),
        commit_timestamp_unix: this.#commitSeconds.at(index),
        is_merge: this.isMerge(index),
        insertions: this.insertions(index),
        deletions: this.deletions(index),
      },
      diffs,
    };
  }

  /** Position of a commit's author in `authors`. */
  author(index: number): number {
    return this.#author.at(index);
  }

  /** Author date in seconds since 1970; 0 where there is none. */
  seconds(index: number): number {
    return this.#seconds.at(index);
  }

  hasDate(index: number): boolean {
    return this.#offset.at(index) !== NO_DATE;
  }

  /** Author date, ISO 8601 in its own zone; null where git's value is no date. */
  timestamp(index: number): string | null {
    const offset = this.#offset.at(index);
    return offset === NO_DATE ? null : isoDate(this.seconds(index), zoneOf(offset));
  }

  isMerge(index: number): boolean {
    return this.#isMerge.at(index) === 1;
  }

  insertions(index: number): number {
    return this.#insertions.at(index);
  }

  deletions(index: number): number {
    return this.#deletions.at(index);
  }

  /** The first of a commit's changes, which are numbered through the table. */
  changesStart(index: number): number {
    return index === 0 ? 0 : this.#changesEnd.at(index - 1);
  }

  /** One past the last of a commit's changes. */
  changesEnd(index: number): number {
    return this.#changesEnd.at(index);
  }

  /** Number of a change's path in `paths`. */
  path(change: number): number {
    return this.#path.at(change);
  }

  /** Number of the path before a rename or copy, or -1. */
  oldPath(change: number): number {
    return this.#oldPath.at(change);
  }

  /** git's letter for a change. */
  letter(change: number): Diff["change_type"] {
    return String.fromCharCode(this.#letter.at(change)) as Diff["change_type"];
  }

  additions(change: number): number {
    return this.#additions.at(change);
  }

  removals(change: number): number {
    return this.#removals.at(change);
  }

  #change(change: number): HistoryChange {
    const path = this.paths.get(this.path(change));
    const oldPath = this.oldPath(change) < 0 ? undefined : this.paths.get(this.oldPath(change));
    return {
      filename: path.text,
      ...(path.bytes !== undefined && { filename_bytes: path.bytes }),
      ...(oldPath && { old_filename: oldPath.text }),
      ...(oldPath?.bytes !== undefined && { old_filename_bytes: oldPath.bytes }),
      change_type: this.letter(change),
      additions: this.additions(change),
      deletions: this.removals(change),
    };
  }

  #internAuthor(name: string, email: string): number {
    const key = `${name.length} ${name}${email}`;
    let id = this.#authorIds.get(key);
    if (id === undefined) {
      id = this.authors.push({ name, email }) - 1;
      this.#authorIds.set(key, id);
    }
    return id;
  }
}

/** Minutes east of UTC that an ISO 8601 date ends with: `+05:30` is 330. */
function offsetMinutes(timestamp: string): number {
  const zone = timestamp.slice(-6);
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith("-") ? -minutes : minutes;
}

/** The zone as a commit object has it: 330 is `+0530`. */
function zoneOf(offset: number): string {
  const minutes = Math.abs(offset);
  const digits = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, "0");
  return `${offset < 0 ? "-" : "+"}${digits}`;
}
