import type { Commit, Diff } from "@repotune/schema";
import type { CommitChanges, FileChange } from "../diff/diff-parser.ts";
import type { UnreadableObjects } from "../diff/unreadable.ts";
import type { CommitGraph } from "../history/commit-graph.ts";
import type { MissingParent } from "../history/missing-commits.ts";
import type { RefLabels } from "../history/ref-labels.ts";
import type { ScrapeFailure } from "../metadata.ts";
import { buildCommit } from "./build-commit.ts";
import { buildDiff } from "./build-diff.ts";
import { parseCommitObject } from "./commit-object.ts";
import { CommitFinder } from "./references.ts";
import { decodeText } from "./text.ts";

/** Puts each commit's record together, in order, and keeps an account of what is missing. */
export class CommitAssembler {
  readonly failures: ScrapeFailure[] = [];
  readonly #graph: CommitGraph;
  readonly #labels: RefLabels;
  readonly #unreadable: UnreadableObjects;
  readonly #finder: CommitFinder;
  /** Commit dates by position, for the time from parent to child. */
  readonly #seconds: Float64Array;
  /** Blobs git found to be binary, for the changes where it does not look: renames, modes. */
  readonly #binaryBlobs = new Set<string>();
  #written = 0;
  #boundaryCommits = 0;

  constructor(graph: CommitGraph, labels: RefLabels, unreadable: UnreadableObjects) {
    this.#graph = graph;
    this.#labels = labels;
    this.#unreadable = unreadable;
    this.#finder = new CommitFinder(graph);
    this.#seconds = new Float64Array(graph.size).fill(Number.NaN);
  }

  /**
   * The record of the commit at a position; positions must come in order.
   *
   * @param object the commit object; undefined if it is missing.
   * @param changes undefined if they cannot be had.
   * @returns undefined if the commit itself is missing.
   */
  assemble(
    index: number,
    object: Buffer | undefined,
    changes: CommitChanges | undefined,
  ): Commit | undefined {
    const hash = this.#graph.id(index);
    if (!object) {
      this.#fail(hash, hash, null, "The commit is missing or damaged; it is left out.");
      return undefined;
    }
    const parsed = parseCommitObject(object);
    const seconds = parsed.committer.seconds ?? Number.NaN;
    this.#seconds[index] = seconds;
    const parents = this.#graph.parents(index);
    if (parents.length === 0 && parsed.parents.length > 0) this.#boundaryCommits += 1;
    if (!changes) this.#failChanges(index, hash);
    const diffs = (changes?.files ?? []).map((change) => this.#diff(hash, change));
    const fromParent = seconds - (this.#seconds[parents[0] ?? -1] ?? Number.NaN);
    const number = this.#written;
    this.#written += 1;
    return buildCommit(parsed, diffs, {
      number,
      hash,
      branches: this.#labels.branches(index),
      tags: this.#labels.tags(hash),
      secondsSinceParent: Number.isSafeInteger(fromParent) ? fromParent : null,
      relatedCommits: (message) => this.#finder.relatedCommits(message, index),
    });
  }

  /** Records that a commit's parent cannot be read, so that the history before it is unknown. */
  failParent({ child, parent }: MissingParent): void {
    this.#fail(child, parent, null, "The parent is missing or damaged; it is left out.");
  }

  /**
   * What the user should know, once all commits are assembled.
   *
   * @param isPartial whether the clone could fetch what is missing.
   */
  notices(isPartial: boolean): string[] {
    const notices: string[] = [];
    const edge = this.#boundaryCommits;
    if (edge > 0) {
      const whole = "each shows its whole tree as added, because its parents are not there";
      notices.push(`Commits at the edge of the history: ${edge}; ${whole}.`);
    }
    if (this.failures.length > 0) {
      const commits = new Set(this.failures.map((failure) => failure.commit_hash)).size;
      const count = `${this.failures.length} failures in ${commits} commits`;
      const remedy = isPartial
        ? " This is a partial clone: `git fetch --refetch --no-filter` gets the rest."
        : "";
      notices.push(`Missing or damaged objects: ${count}, listed in the metadata.${remedy}`);
    }
    return notices;
  }

  #diff(hash: string, change: FileChange): Diff {
    const object = this.#unreadableBlob(change);
    if (object !== undefined) {
      const reason = this.#unreadable.blobs.get(object) ?? "";
      this.#fail(hash, object, decodeText(change.path).text, reason);
    } else if (change.isBinary) {
      // Either side may be the binary one; nothing else is asked of the set than what git would.
      this.#binaryBlobs.add(change.oldBlob).add(change.newBlob);
    } else if (change.oldBlob === change.newBlob) {
      change.isBinary = this.#binaryBlobs.has(change.newBlob);
    }
    return buildDiff(change, object !== undefined);
  }

  /** The missing blob because of which git took a file for binary. */
  #unreadableBlob({ isBinary, oldBlob, newBlob }: FileChange): string | undefined {
    if (!isBinary) return undefined;
    return [newBlob, oldBlob].find((blob) => this.#unreadable.blobs.has(blob));
  }

  #failChanges(index: number, hash: string): void {
    const cause = this.#unreadable.commits.get(index);
    this.#fail(hash, cause?.object ?? null, null, cause?.reason ?? "");
  }

  #fail(commit_hash: string, object: string | null, filename: string | null, reason: string): void {
    this.failures.push({ commit_hash, object, filename, reason });
  }
}
