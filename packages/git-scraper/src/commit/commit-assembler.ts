import type { CommitChanges, FileChange } from "../diff/diff-parser.ts";
import type { Unreadable } from "../diff/unreadable.ts";
import type { ScrapeFailure } from "../facts.ts";
import type { CommitGraph } from "../history/commit-graph.ts";
import { buildCommit, type PeopleFilter } from "./build-commit.ts";
import { buildDiff } from "./build-diff.ts";
import { parseCommitObject } from "./commit-object.ts";
import type { CommitRecord, FileRecord } from "./commit-record.ts";
import { CommitFinder } from "./references.ts";
import { decodeText } from "./text.ts";

/** A commit that was put together, and what there is to say of it besides. */
export interface AssembledCommit {
  hash: string;
  /** Commit date in seconds since 1970; null where git's value is no date. */
  seconds: number | null;
  /** undefined if a filter by path leaves nothing of it. */
  record: CommitRecord | undefined;
  /** Blobs that were found to be binary here. */
  binaryBlobs: string[];
  failures: ScrapeFailure[];
  /** Files that a filter left out, and patches that a limit did. */
  filtered: { files: number; patches: number };
}

export interface AssemblerOptions {
  /** Commit dates by position, in seconds; those of the commits that are assembled are filled in. */
  seconds: Float64Array;
  /** Known ones; those that are found are added. */
  binaryBlobs: Set<string>;
  /** Blobs that a stand-in replaces, with the reason. */
  unreadableBlobs: ReadonlyMap<string, string>;
  /** Which files are kept; undefined for all. */
  isKept: ((path: Buffer, oldPath: Buffer | undefined) => boolean) | undefined;
  /** Files of a commit that keep their patch. */
  maxFiles: number | undefined;
  people: PeopleFilter | undefined;
}

/** Puts each commit's record together. */
export class CommitAssembler {
  readonly #graph: CommitGraph;
  readonly #options: AssemblerOptions;
  readonly #finder: CommitFinder;

  constructor(graph: CommitGraph, options: AssemblerOptions) {
    this.#graph = graph;
    this.#options = options;
    this.#finder = new CommitFinder(graph);
  }

  /**
   * The record of the commit at a position, whose parents must have been assembled before it.
   *
   * @param object the commit object.
   * @param changes what it changed, or why that cannot be had.
   * @param number that the commit is to have.
   */
  assemble(
    index: number,
    object: Buffer,
    changes: CommitChanges | Unreadable,
    number: number,
  ): AssembledCommit {
    const hash = this.#graph.id(index);
    const parsed = parseCommitObject(object);
    const seconds = parsed.committer.seconds ?? Number.NaN;
    this.#options.seconds[index] = seconds;
    const known: Known = {
      hash,
      seconds: Number.isNaN(seconds) ? null : seconds,
      binaryBlobs: [],
      failures: [],
      filtered: { files: 0, patches: 0 },
    };
    const files = this.#files(known, changes);
    if (!files) return { ...known, record: undefined };
    const parents = this.#graph.parents(index);
    const fromParent = seconds - (this.#options.seconds[parents[0] ?? -1] ?? Number.NaN);
    const fields = buildCommit(parsed, files, {
      number,
      hash,
      isBoundary: parents.length < parsed.parents.length,
      secondsSinceParent: Number.isSafeInteger(fromParent) ? fromParent : null,
      relatedCommits: (message) => this.#finder.relatedCommits(message, index),
      people: this.#options.people,
    });
    return { ...known, record: { fields, files } };
  }

  /** The files that are kept; undefined if a filter leaves none. */
  #files(known: Known, changes: CommitChanges | Unreadable): FileRecord[] | undefined {
    if (!("files" in changes)) {
      fail(known, changes.object ?? null, null, changes.reason);
      return [];
    }
    const { isKept, maxFiles = Number.POSITIVE_INFINITY } = this.#options;
    const files: FileRecord[] = [];
    for (const change of changes.files) {
      if (isKept && !isKept(change.path, change.oldPath)) {
        known.filtered.files += 1;
        continue;
      }
      if (files.length >= maxFiles && change.patch.length > 0) {
        change.patch = EMPTY;
        change.isTruncated = true;
      }
      if (change.isTruncated) known.filtered.patches += 1;
      files.push(this.#file(known, change));
    }
    if (!isKept || files.length > 0) return files;
    known.filtered.files = 0; // It counts as a commit.
    return undefined;
  }

  #file(known: Known, change: FileChange): FileRecord {
    const object = this.#unreadableBlob(change);
    if (object !== undefined) {
      const reason = this.#options.unreadableBlobs.get(object) ?? "";
      fail(known, object, decodeText(change.path).text, reason);
    } else if (change.isBinary) {
      // Either side may be the binary one; nothing else is asked of the set than what git would.
      for (const blob of [change.oldBlob, change.newBlob]) {
        if (this.#options.binaryBlobs.has(blob)) continue;
        this.#options.binaryBlobs.add(blob);
        known.binaryBlobs.push(blob);
      }
    } else if (change.oldBlob === change.newBlob) {
      change.isBinary = this.#options.binaryBlobs.has(change.newBlob);
    }
    return buildDiff(change, object !== undefined);
  }

  /** The missing blob because of which git took a file for binary. */
  #unreadableBlob(change: FileChange): string | undefined {
    if (!change.isBinary) return undefined;
    const { newBlob, oldBlob, otherOldBlobs = [] } = change;
    return [newBlob, oldBlob, ...otherOldBlobs].find((blob) =>
      this.#options.unreadableBlobs.has(blob),
    );
  }
}

type Known = Omit<AssembledCommit, "record">;

const EMPTY = Buffer.alloc(0);

function fail(
  { hash, failures }: Known,
  object: string | null,
  filename: string | null,
  reason: string,
): void {
  failures.push({ commit_hash: hash, object, filename, reason });
}
