import { StageError } from "@repotune/schema";

/** git's answer to one request of `cat-file --batch`. */
export interface ObjectAnswer {
  /** `commit`, `tree`, `blob` or `tag`; undefined if the object is missing. */
  type: string | undefined;
  /** Content; undefined if the object is missing or larger than the limit. */
  data: Buffer | undefined;
}

const LINE_FEED = 10;

/** `<id> <type> <size>`, or `<id> missing`. */
const headerPattern = /^[0-9a-f]{40,64} (?:missing|(commit|tree|blob|tag) (\d{1,15}))$/;

/** More than any header has. */
const MAX_HEADER_BYTES = 128;

/**
 * Cuts the output of `git cat-file --batch` into answers, whatever way it arrives in pieces.
 *
 * Each is `<id> <type> <size>`, a line feed, the content, a line feed; or `<id> missing`. Content
 * is copied once, into a buffer of its size.
 */
export class ObjectParser {
  readonly #maxBytes: number;
  readonly #onAnswer: (answer: ObjectAnswer) => void;
  #header = "";
  #type = "";
  #data: Buffer | undefined;
  #size = 0;
  /** Bytes of the content and its line feed still to come; -1 while in a header. */
  #missing = -1;

  /** @param maxBytes content beyond it is passed over. */
  constructor(maxBytes: number, onAnswer: (answer: ObjectAnswer) => void) {
    this.#maxBytes = maxBytes;
    this.#onAnswer = onAnswer;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      at = this.#missing < 0 ? this.#readHeader(chunk, at) : this.#readContent(chunk, at);
    }
  }

  #readHeader(chunk: Buffer, start: number): number {
    const end = chunk.indexOf(LINE_FEED, start);
    const stop = end < 0 ? chunk.length : end;
    this.#header += chunk.toString("latin1", start, Math.min(stop, start + MAX_HEADER_BYTES));
    if (this.#header.length >= MAX_HEADER_BYTES) this.#fail();
    if (end < 0) return chunk.length;
    const found = headerPattern.exec(this.#header) ?? this.#fail();
    const [, type, size] = found;
    this.#header = "";
    if (type === undefined) {
      this.#onAnswer({ type: undefined, data: undefined });
      return end + 1;
    }
    this.#type = type;
    this.#size = Number(size);
    this.#missing = this.#size + 1;
    this.#data = this.#size <= this.#maxBytes ? Buffer.allocUnsafe(this.#size) : undefined;
    return end + 1;
  }

  #readContent(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.#missing);
    this.#data?.set(
      chunk.subarray(start, Math.min(end, start + this.#missing - 1)),
      this.#size + 1 - this.#missing,
    );
    this.#missing -= end - start;
    if (this.#missing === 0) {
      if (chunk[end - 1] !== LINE_FEED) this.#fail();
      const answer = { type: this.#type, data: this.#data };
      this.#missing = -1;
      this.#data = undefined;
      this.#onAnswer(answer);
    }
    return end;
  }

  #fail(): never {
    const shown = JSON.stringify(this.#header.slice(0, MAX_HEADER_BYTES));
    throw new StageError("E_GIT", `git cat-file answered something unexpected: ${shown}.`);
  }
}
