import type { GitProcess, Repository } from "@repotune/git";
import { StageError } from "@repotune/schema";
import { diffTree } from "./command.ts";
import { Condition } from "./condition.ts";
import { type CommitChanges, DiffParser } from "./diff-parser.ts";
import type { PatchLimits } from "./patch-text.ts";
import type { DiffRequests } from "./request.ts";
import { DIED, type Unreadable, UnreadableObjects } from "./unreadable.ts";

/** Commits handed to a process at a time: enough that it never waits, few enough to share out. */
const BATCH = 128;

/** Patches that lie parsed and not yet taken; beyond it, processes wait. */
const MAX_HELD_BYTES = 32 << 20;

/**
 * Commits after which a process is replaced. git keeps what it has parsed: its memory grows with
 * the history (224 MB after 23,000 commits, 119 MB if replaced), for some 13 % more of its time.
 */
const RECYCLE_AFTER = 5000;

/** One diff process and the commits it has yet to answer, in order. */
interface Worker {
  child: GitProcess | undefined;
  pending: number[];
  /** Commits its process was asked for. */
  asked: number;
  /** Pieces of output that answers may be views of, each with the last commit for which it may be. */
  held: { piece: Buffer; last: number; child: GitProcess }[];
}

export interface DiffPoolOptions extends PatchLimits {
  /** Whether to look for copies, too. */
  copies: boolean;
  /** Diff processes at work at the same time. */
  diffProcesses: number;
}

/**
 * The changes of every commit that is asked for, by a few long-running diff processes that share the
 * commits out between them, taken in order.
 */
export class DiffPool {
  readonly unreadable: UnreadableObjects;
  readonly #repository: Repository;
  readonly #requests: DiffRequests;
  readonly #options: DiffPoolOptions;
  readonly #workers: Worker[];
  readonly #changed = new Condition();
  /** Answers not yet taken. */
  readonly #answers = new Map<number, CommitChanges>();
  #heldBytes = 0;
  /** The next commit to hand out. */
  #next = 0;
  /** The commit to be taken next. */
  #wanted = 0;
  #isWaiting = false;
  #isClosed = false;
  #failure: { error: unknown } | undefined;

  constructor(repository: Repository, requests: DiffRequests, options: DiffPoolOptions) {
    this.#repository = repository;
    this.#requests = requests;
    this.#options = options;
    this.unreadable = new UnreadableObjects(repository, requests);
    this.#workers = Array.from({ length: options.diffProcesses }, () => ({
      child: undefined,
      pending: [],
      asked: 0,
      held: [],
    }));
    for (const worker of this.#workers) {
      this.#work(worker).catch((error: unknown) => {
        this.#failure ??= { error };
        this.#changed.notify();
      });
    }
  }

  /**
   * Changes of the next commit, or why they cannot be had. Their patches are good until the next
   * call: the memory is used again.
   */
  async take(): Promise<CommitChanges | Unreadable> {
    const index = this.#wanted;
    for (const worker of this.#workers) this.#giveBack(worker);
    const isSettled = () => this.#answers.has(index) || this.unreadable.commits.has(index);
    this.#isWaiting = !isSettled();
    this.#changed.notify();
    await this.#changed.until(() => isSettled() || this.#failure !== undefined);
    this.#isWaiting = false;
    const changes = this.#answers.get(index);
    const settled = changes ?? this.unreadable.commits.get(index);
    if (!settled) throw this.#failure?.error;
    this.#answers.delete(index);
    this.#heldBytes -= changes?.keptBytes ?? 0;
    this.#wanted += 1;
    for (const worker of this.#workers) this.#handOut(worker);
    this.#changed.notify();
    return settled;
  }

  /** Ends the processes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const children = this.#workers.flatMap(({ child }) => child ?? []);
    for (const child of children) child.kill();
    this.#changed.notify();
    await Promise.allSettled(children.map((child) => child.done));
  }

  async #work(worker: Worker): Promise<void> {
    const isDone = () => this.#next >= this.#requests.size && worker.pending.length === 0;
    for (;;) {
      const isReady = () => worker.pending.length > 0 || this.#mayHandOut();
      await this.#changed.until(() => isDone() || isReady() || this.#isClosed);
      if (isDone() || this.#isClosed) return;
      const sawAllStandIns = this.unreadable.isScanned;
      const child = await this.#repository.spawnBulk(
        diffTree({ merges: this.#requests.merges, copies: this.#options.copies }),
      );
      await this.#runProcess(worker, child);
      try {
        await child.done;
        if (worker.pending.length > 0) throw this.#silence(worker);
      } catch (error) {
        if (this.#isClosed) return;
        const [index] = worker.pending;
        if (child.exitCode !== DIED || index === undefined) throw error;
        if (sawAllStandIns) await this.unreadable.resolve(index, child.stderr);
        else await this.unreadable.scan(this.#oldestPending());
      }
    }
  }

  /** Feeds one process and reads what it says until it ends. */
  async #runProcess(worker: Worker, child: GitProcess): Promise<void> {
    const parser = new DiffParser(this.#options, (changes) => this.#settle(worker, changes));
    worker.child = child;
    worker.asked = worker.pending.length;
    this.#ask(worker, worker.pending.splice(0));
    this.#handOut(worker);
    const mayReadOn = () =>
      this.#heldBytes < MAX_HELD_BYTES ||
      (this.#isWaiting && worker.pending[0] === this.#wanted) ||
      this.#isClosed;
    try {
      for await (const piece of child.stdout) {
        parser.push(piece);
        const last = worker.pending[0] ?? this.#next;
        worker.held.push({ piece, last, child });
        this.#changed.notify();
        this.#handOut(worker);
        await this.#changed.until(mayReadOn);
      }
    } finally {
      worker.child = undefined;
    }
  }

  /** Gives back the pieces that held nothing but what was taken. */
  #giveBack({ held }: Worker): void {
    for (let first = held[0]; first && first.last < this.#wanted; first = held[0]) {
      first.child.release(first.piece);
      held.shift();
    }
  }

  /** Gives a worker more commits while it has few, and ends its input when there are no more. */
  #handOut(worker: Worker): void {
    if (!worker.child) return;
    while (worker.pending.length <= BATCH && worker.asked < RECYCLE_AFTER && this.#mayHandOut()) {
      const end = Math.min(this.#requests.size, this.#next + BATCH);
      const batch = Array.from({ length: end - this.#next }, (_, offset) => this.#next + offset);
      this.#next = end;
      worker.asked += batch.length;
      this.#ask(worker, batch);
    }
    const isAllAsked = worker.asked >= RECYCLE_AFTER || this.#next >= this.#requests.size;
    const { stdin } = worker.child;
    if (isAllAsked && !stdin.writableEnded) stdin.end(); // A second end would make an error each time.
  }

  /** Not too far ahead of what is taken, so that one slow commit does not pile the others up. */
  #mayHandOut(): boolean {
    const furthest = this.#wanted + BATCH * (4 * this.#workers.length + 2);
    return this.#next < this.#requests.size && this.#next < furthest;
  }

  #ask(worker: Worker, commits: readonly number[]): void {
    const readable = commits.filter((index) => !this.unreadable.commits.has(index));
    worker.pending.push(...readable);
    worker.child?.stdin.write(readable.map((index) => this.#requests.text(index)).join(""));
    if (readable.length < commits.length) this.#changed.notify();
  }

  /** Takes in an answer; git answers in order. */
  #settle(worker: Worker, changes: CommitChanges): void {
    const index = worker.pending.shift();
    if (index === undefined) return;
    if (changes.commit === this.#requests.id(index)) {
      this.#answers.set(index, changes);
      this.#heldBytes += changes.keptBytes;
    } else {
      const reason = "The commit cannot be read.";
      this.unreadable.commits.set(index, { object: this.#requests.id(index), reason });
    }
  }

  #silence({ pending }: Worker): StageError {
    const commit = this.#requests.id(pending[0] ?? 0);
    return new StageError("E_GIT", `git diff-tree ended without an answer for commit ${commit}.`);
  }

  #oldestPending(): number {
    return Math.min(this.#next, ...this.#workers.flatMap(({ pending }) => pending.slice(0, 1)));
  }
}
