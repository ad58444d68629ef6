import { StageError } from "@repotune/schema";
import { DIED, MAX_OBJECT_BYTES } from "./limits.ts";
import { isObjectId } from "./object-format.ts";
import { type ObjectAnswer, ObjectParser } from "./object-parser.ts";
import type { GitProcess } from "./process.ts";
import type { Repository } from "./repository.ts";

/** Requests git may have at once: enough that it never waits for us, few enough to fit the pipe. */
const WINDOW = 256;

export interface ObjectReaderOptions {
  /** Larger objects are passed over, as if they were missing. @default 67108864 (64 MiB) */
  maxBytes?: number | undefined;
}

interface Request {
  id: string;
  resolve: (answer: ObjectAnswer) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads objects by id through one long-running `git cat-file --batch`.
 *
 * Ask for many before waiting for the first: requests are pipelined, and answered in order. What is
 * held in memory is the answers not yet taken, so ask only for as many as may lie there together.
 * An object git cannot read (damaged, cut off) counts as missing; the reader goes on after it.
 */
export class ObjectReader {
  readonly #repository: Repository;
  readonly #maxBytes: number;
  /** Unanswered from `#head` on; those before `#next` are sent. */
  #requests: Request[] = [];
  #head = 0;
  #next = 0;
  #isSendDue = false;
  #process: GitProcess | undefined;
  #failure: { error: unknown } | undefined;

  private constructor(repository: Repository, maxBytes: number) {
    this.#repository = repository;
    this.#maxBytes = maxBytes;
  }

  /** Its process starts with the first request. */
  static open(
    repository: Repository,
    { maxBytes = MAX_OBJECT_BYTES }: ObjectReaderOptions = {},
  ): ObjectReader {
    return new ObjectReader(repository, maxBytes);
  }

  /**
   * Content of an object.
   *
   * @returns undefined if it is missing, unreadable or larger than `maxBytes`.
   * @throws {StageError} `E_INPUT` for what is no full object id, `E_GIT` or `E_INTERRUPTED`.
   */
  async read(id: string): Promise<Buffer | undefined> {
    return (await this.readTyped(id)).data;
  }

  /** Content of an object with its type; both undefined if it is missing or unreadable. */
  readTyped(id: string): Promise<ObjectAnswer> {
    if (!isObjectId(id, this.#repository.objectFormat)) {
      const message = `${JSON.stringify(id)} is not a ${this.#repository.objectFormat} object id.`;
      return Promise.reject(new StageError("E_INPUT", message));
    }
    return new Promise((resolve, reject) => {
      this.#requests.push({ id, resolve, reject });
      this.#sendSoon();
    });
  }

  /** Ends the process; requests still open fail. */
  async close(): Promise<void> {
    const process = this.#process;
    this.#fail(new StageError("E_INTERNAL", "The object reader is closed."));
    process?.kill();
    await process?.done.catch(() => undefined); // It was killed.
  }

  /** Sends once for all requests of the moment: each write to a pipe is a system call. */
  #sendSoon(): void {
    if (this.#isSendDue) return;
    this.#isSendDue = true;
    queueMicrotask(() => {
      this.#isSendDue = false;
      this.#send();
    });
  }

  #send(): void {
    const end = Math.min(this.#requests.length, this.#head + WINDOW);
    if (end <= this.#next) return;
    try {
      if (this.#failure) throw this.#failure.error;
      this.#process ??= this.#start();
    } catch (error) {
      this.#fail(error);
      return;
    }
    let lines = "";
    for (; this.#next < end; this.#next += 1) lines += `${this.#requests[this.#next]?.id}\n`;
    this.#process.stdin.write(lines);
  }

  #start(): GitProcess {
    const process = this.#repository.spawn(["cat-file", "--batch"]);
    void this.#consume(process);
    return process;
  }

  async #consume(process: GitProcess): Promise<void> {
    const parser = new ObjectParser(this.#maxBytes, (answer) => this.#answer(answer));
    try {
      for await (const chunk of process.stdout) {
        parser.push(chunk);
        this.#sendSoon();
      }
      await process.done;
      throw new StageError("E_GIT", "git cat-file ended early.");
    } catch (error) {
      if (this.#failure) return;
      if (process.exitCode === DIED && this.#head < this.#next) this.#restart();
      else this.#fail(error);
    }
  }

  /** Goes on behind the object that git died of: answers come in order, so it is the first. */
  #restart(): void {
    this.#process = undefined;
    this.#answer({ type: undefined, data: undefined });
    this.#next = this.#head;
    this.#sendSoon();
  }

  #answer(answer: ObjectAnswer): void {
    const request = this.#requests[this.#head];
    if (!request) throw new StageError("E_INTERNAL", "git cat-file answered without a request.");
    this.#head += 1;
    if (this.#head > 4 * WINDOW) {
      this.#requests = this.#requests.slice(this.#head);
      this.#next -= this.#head;
      this.#head = 0;
    }
    request.resolve(answer);
  }

  /** From now on every request fails, those still open among them. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    const open = this.#requests.slice(this.#head);
    this.#requests = [];
    this.#head = 0;
    this.#next = 0;
    for (const request of open) request.reject(this.#failure.error);
  }
}
