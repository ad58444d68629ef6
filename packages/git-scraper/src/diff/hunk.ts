const LINE_FEED = 10;
const SPACE = 32;
const PLUS = 43;
const MINUS = 45;
const BACKSLASH = 92;

/** The lines of a hunk as they arrive, bounded and counted. */
export interface HunkReader {
  /** Whether more of the hunk is to come. */
  readonly isOpen: boolean;
  /** Lines added, as far as read. */
  readonly additions: number;
  /** Lines removed, as far as read. */
  readonly deletions: number;
  /**
   * Reads on until the hunk is complete or the bytes are used up.
   *
   * @returns the position it came to; `start` itself if it needs more bytes to read on.
   */
  read(bytes: Buffer, start: number): number;
}

/**
 * An ordinary hunk. The counts in its header say where it ends, and only the first byte of a line
 * is looked at: nothing a file contains can be taken for structure. A line that is split between
 * pieces is not put together: one of 5 MB costs 5 MB.
 */
export class Hunk implements HunkReader {
  additions = 0;
  deletions = 0;
  readonly #onFault: (bytes: Buffer, at: number) => never;
  /** Lines still to come, on either side. */
  #oldLines: number;
  #newLines: number;
  /** Whether the first byte of a line was seen, but not yet its end. */
  #isMidLine = false;

  /** @param onFault throws for a line that is none of a hunk's. */
  constructor(oldLines: number, newLines: number, onFault: (bytes: Buffer, at: number) => never) {
    this.#oldLines = oldLines;
    this.#newLines = newLines;
    this.#onFault = onFault;
  }

  get isOpen(): boolean {
    return this.#oldLines > 0 || this.#newLines > 0 || this.#isMidLine;
  }

  read(bytes: Buffer, start: number): number {
    // This loop sees every byte of a history: its state is in local variables, not in fields.
    const length = bytes.length;
    let oldLines = this.#oldLines;
    let newLines = this.#newLines;
    let isMidLine = this.#isMidLine;
    let additions = 0;
    let deletions = 0;
    let at = start;
    while (at < length && (oldLines > 0 || newLines > 0 || isMidLine)) {
      if (!isMidLine) {
        const first = bytes[at];
        if (first === SPACE) {
          oldLines -= 1;
          newLines -= 1;
        } else if (first === PLUS) {
          newLines -= 1;
          additions += 1;
        } else if (first === MINUS) {
          oldLines -= 1;
          deletions += 1;
        } else if (first !== BACKSLASH) {
          this.#onFault(bytes, at);
        }
      }
      const end = bytes.indexOf(LINE_FEED, at);
      isMidLine = end < 0;
      at = isMidLine ? length : end + 1;
    }
    this.#oldLines = oldLines;
    this.#newLines = newLines;
    this.#isMidLine = isMidLine;
    this.additions += additions;
    this.deletions += deletions;
    return at;
  }
}
