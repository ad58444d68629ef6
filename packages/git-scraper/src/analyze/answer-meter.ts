import { END_MARKER } from "../diff/command.ts";

const LINE_FEED = 10;
const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Measures what `git diff-tree --stdin --raw -p` prints for each commit without taking it apart: no
 * line of a patch begins as a raw line or the closing marker does.
 */
export class AnswerMeter {
  readonly #onAnswer: (answer: { files: number; bytes: number }) => void;
  #files = 0;
  #bytes = 0;
  /** The first characters of a line whose end has not arrived yet. */
  #start = "";

  constructor(onAnswer: (answer: { files: number; bytes: number }) => void) {
    this.#onAnswer = onAnswer;
  }

  push(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const found = piece.indexOf(LINE_FEED, at);
      const end = found < 0 ? piece.length : found;
      const missing = END_MARKER.length - this.#start.length;
      this.#start += piece.toString("latin1", at, Math.min(end, at + missing));
      // Until now every line could still be of a patch; a raw line is short and comes in one write.
      if (!this.#start.startsWith(":")) this.#bytes += jsonBytes(piece, at, end);
      if (found >= 0) this.#endLine();
      at = end + 1;
    }
  }

  #endLine(): void {
    if (this.#start === END_MARKER) {
      this.#onAnswer({ files: this.#files, bytes: this.#bytes - END_MARKER.length });
      this.#files = 0;
      this.#bytes = 0;
    } else if (this.#start.startsWith(":")) {
      this.#files += 1;
    } else {
      this.#bytes += 2; // The line feed, as \n.
    }
    this.#start = "";
  }
}

/** Length as a part of a JSON string. */
function jsonBytes(bytes: Buffer, start: number, end: number): number {
  let length = end - start;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte === QUOTE || byte === BACKSLASH || byte === 9 || byte === 13) length += 1;
    else if (byte < 32) length += 5; // \u0001
  }
  return length;
}
