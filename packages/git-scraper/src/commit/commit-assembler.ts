import type { ScrapeFailure } from "../failures.ts";
import type { CommitChanges, FileChange } from "../diff/diff-parser.ts";
import type { Unreadable } from "../diff/unreadable.ts";
import type { CommitGraph } from "../history/commit-graph.ts";
import type { Pseudonyms } from "../identity/pseudonyms.ts";
import { buildCommit } from "./build-commit.ts";
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
  record: CommitRecord;
  /** Blobs that were found to be binary here. */
  binaryBlobs: string[];
  failures: ScrapeFailure[];
}

export interface AssemblerOptions {
  /** Blobs that a stand-in replaces, with the reason. */
  unreadableBlobs: ReadonlyMap<string, string>;
  pseudonyms: Pseudonyms | undefined;
}

/** Puts each commit's record together. */
export class CommitAssembler {
  readonly #graph: CommitGraph;
  readonly #options: AssemblerOptions;
  readonly #finder: CommitFinder;
  /** Commit dates by position, for the time from parent to child; NaN where unknown. */
  readonly #seconds: Float64Array;
  /** Blobs git found to be binary, for the changes where it does not look: renames, modes. */
  readonly #binaryBlobs: Set<string>;

  /**
   * @param seconds commit dates by position; those of the commits that are assembled are filled in.
   * @param binaryBlobs known ones; filled with those that are found.
   */
  constructor(
    graph: CommitGraph,
    seconds: Float64Array,
    binaryBlobs: Set<string>,
    options: AssemblerOptions,
  ) {
    this.#graph = graph;
    this.#seconds = seconds;
    this.#binaryBlobs = binaryBlobs;
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
    this.#seconds[index] = seconds;
    const parents = this.#graph.parents(index);
    const known: Known = { hash, binaryBlobs: [], failures: [] };
    if (!("files" in changes)) fail(known, changes.object ?? null, null, changes.reason);
    const files = "files" in changes ? changes.files.map((file) => this.#file(known, file)) : [];
    const fromParent = seconds - (this.#seconds[parents[0] ?? -1] ?? Number.NaN);
    const fields = buildCommit(parsed, files, {
      number,
      hash,
      isBoundary: parents.length < parsed.parents.length,
      secondsSinceParent: Number.isSafeInteger(fromParent) ? fromParent : null,
      relatedCommits: (message) => this.#finder.relatedCommits(message, index),
      pseudonyms: this.#options.pseudonyms,
    });
    return { ...known, seconds: Number.isNaN(seconds) ? null : seconds, record: { fields, files } };
  }

  #file(known: Known, change: FileChange): FileRecord {
    const object = this.#unreadableBlob(change);
    if (object !== undefined) {
      const reason = this.#options.unreadableBlobs.get(object) ?? "";
      fail(known, object, decodeText(change.path).text, reason);
    } else if (change.isBinary) {
      // Either side may be the binary one; nothing else is asked of the set than what git would.
      for (const blob of [change.oldBlob, change.newBlob]) {
        if (this.#binaryBlobs.has(blob)) continue;
        this.#binaryBlobs.add(blob);
        known.binaryBlobs.push(blob);
      }
    } else if (change.oldBlob === change.newBlob) {
      change.isBinary = this.#binaryBlobs.has(change.newBlob);
    }
    return buildDiff(change, object !== undefined);
  }

  /** The missing blob because of which git took a file for binary. */
  #unreadableBlob({ isBinary, oldBlob, newBlob }: FileChange): string | undefined {
    if (!isBinary) return undefined;
    return [newBlob, oldBlob].find((blob) => this.#options.unreadableBlobs.has(blob));
  }
}

type Known = Pick<AssembledCommit, "hash" | "binaryBlobs" | "failures">;

function fail(
  { hash, failures }: Known,
  object: string | null,
  filename: string | null,
  reason: string,
): void {
  failures.push({ commit_hash: hash, object, filename, reason });
}
