import { createHash } from "node:crypto";
import type { Branch, Commit } from "../commit.ts";

/** The fields of a commit that decide on which side of a split it lies. */
export interface GraphCommit {
  metadata: Pick<Commit["metadata"], "hash" | "parents" | "commit_timestamp_unix">;
  branches: readonly Branch[];
}

/**
 * Branches that are remembered of a commit that HEAD's branch contains. Its other ones decide nothing,
 * and there may be thousands.
 */
const MAX_BRANCHES_ON_HEAD = 10;

/** Stands for a parent that the file does not hold: a shallow clone's edge, or a filter's. */
export const MISSING_PARENT = -1;

/**
 * Who descends from whom, when, and in which branches: all that a split depends on, gathered while
 * a history is read. It holds about a hundred bytes for each commit.
 *
 * Commits are named by `commit_number`; parents have lower ones.
 */
export class HistoryGraph {
  readonly hashes: string[] = [];
  /** Commit dates as the commits state them, in seconds since 1970. */
  readonly statedDates: number[] = [];
  readonly parents: number[][] = [];
  /** Every branch that was met, by position. */
  readonly branches: Branch[] = [];
  readonly #numberOf = new Map<string, number>();
  readonly #branchAt = new Map<string, number>();
  readonly #sets: Int32Array[] = [];
  readonly #setAt = new Map<string, number>();
  readonly #setOf: number[] = [];
  /** Neighbours in a history share one list of branches. */
  #last: { list: readonly Branch[]; set: number } | undefined;

  /** Adds the commit with the next number. */
  add({ metadata, branches }: GraphCommit): void {
    this.#numberOf.set(metadata.hash, this.hashes.length);
    this.hashes.push(metadata.hash);
    this.statedDates.push(metadata.commit_timestamp_unix);
    this.parents.push(
      metadata.parents.map((parent) => this.#numberOf.get(parent) ?? MISSING_PARENT),
    );
    this.#setOf.push(this.#intern(branches));
  }

  get size(): number {
    return this.hashes.length;
  }

  /**
   * Positions of the branches that contain a commit: all of them, or HEAD's and a few more, if it is
   * among them.
   */
  branchesOf(commit: number): Int32Array {
    return this.#sets[this.#setOf[commit] ?? -1] ?? new Int32Array();
  }

  #intern(list: readonly Branch[]): number {
    if (this.#last?.list === list) return this.#last.set;
    const current = list.find(({ is_current }) => is_current);
    const others = list.filter((branch) => branch !== current);
    const kept = current ? [current, ...others.slice(0, MAX_BRANCHES_ON_HEAD - 1)] : others;
    const members = Int32Array.from(kept, (branch) => this.#position(branch));
    const key = createHash("sha256").update(members).digest("base64");
    let set = this.#setAt.get(key);
    if (set === undefined) {
      set = this.#sets.push(members) - 1;
      this.#setAt.set(key, set);
    }
    this.#last = { list, set };
    return set;
  }

  #position(branch: Branch): number {
    const key = `${branch.is_remote} ${branch.branch_name}`;
    let position = this.#branchAt.get(key);
    if (position === undefined) {
      position = this.branches.push(branch) - 1;
      this.#branchAt.set(key, position);
    }
    return position;
  }
}
