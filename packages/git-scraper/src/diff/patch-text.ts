/** How much of patches is kept. */
export interface PatchLimits {
  /** A longer patch is left out. */
  maxPatchBytes: number;
  /** Once a commit's patches reach it, further ones are left out. */
  maxCommitBytes: number;
}

/** Gathers the pieces in which one patch arrives, up to a limit. */
export class PatchText {
  readonly #limit: number;
  #pieces: Buffer[] = [];
  /** Bytes of the whole patch, kept or not. */
  bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isTruncated(): boolean {
    return this.bytes > this.#limit;
  }

  /** Adds a piece; the memory behind it must stay as it is for as long as the patch is held. */
  add(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.isTruncated) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  /** The whole patch, a view if it arrived in one piece; empty if it is longer than the limit. */
  take(): Buffer {
    const [first, second] = this.#pieces;
    const whole = first && !second ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    return whole;
  }
}
