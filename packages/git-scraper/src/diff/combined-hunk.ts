import type { HunkReader } from "./hunk.ts";

const LINE_FEED = 10;
const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const BACKSLASH = 92;

/**
 * A hunk of a combined diff (git's combine-diff.c): before its text, each line has a column for
 * every parent.
 *
 * - A line of the result has `+` in the columns of parents without it and spaces in the others; it
 *   counts as an addition if there is a `+`.
 * - A line that is gone has `-` in the columns of parents with it and spaces in the others; it
 *   counts as a deletion, once.
 */
export class CombinedHunk implements HunkReader {
  additions = 0;
  deletions = 0;
  readonly #onFault: (bytes: Buffer, at: number) => never;
  /** Lines of each parent still to come. */
  readonly #oldLines: number[];
  #newLines: number;
  /** Whether the columns of a line were seen, but not yet its end. */
  #isMidLine = false;

  /** @param onFault throws for a line that is none of a hunk's. */
  constructor(
    oldLines: readonly number[],
    newLines: number,
    onFault: (bytes: Buffer, at: number) => never,
  ) {
    this.#oldLines = [...oldLines];
    this.#newLines = newLines;
    this.#onFault = onFault;
  }

  get isOpen(): boolean {
    return this.#newLines > 0 || this.#isMidLine || this.#oldLines.some((lines) => lines > 0);
  }

  read(bytes: Buffer, start: number): number {
    let at = start;
    while (at < bytes.length && this.isOpen) {
      if (!this.#isMidLine) {
        if (bytes.length - at < this.#oldLines.length) return at; // The columns are split.
        this.#countLine(bytes, at);
      }
      const end = bytes.indexOf(LINE_FEED, at);
      this.#isMidLine = end < 0;
      at = end < 0 ? bytes.length : end + 1;
    }
    return at;
  }

  #countLine(bytes: Buffer, at: number): void {
    if (bytes[at] === BACKSLASH) return;
    const columns = bytes.subarray(at, at + this.#oldLines.length);
    const isGone = columns.includes(MINUS);
    for (const [parent, column] of columns.entries()) {
      if (column !== SPACE && column !== (isGone ? MINUS : PLUS)) this.#onFault(bytes, at);
      if ((column === MINUS) === isGone && column !== PLUS) {
        this.#oldLines[parent] = (this.#oldLines[parent] ?? 0) - 1;
      }
    }
    if (isGone) {
      this.deletions += 1;
    } else {
      this.#newLines -= 1;
      if (columns.includes(PLUS)) this.additions += 1;
    }
  }
}
