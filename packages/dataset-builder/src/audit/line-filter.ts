import { mix } from "../input/commit-lines.ts";

const BITS_PER_LINE = 16;
const HASHES = 6;
/** 32 MiB, however long the history. */
const MAX_BITS = 2 ** 28;

/** The set of lines that were seen, as a Bloom filter: it forgets none, and rarely takes in a stranger. */
export class LineFilter {
  readonly #words: Uint32Array;
  readonly #mask: number;
  #lines = 0;

  /** @param expected lines, with repetitions. */
  constructor(expected: number) {
    const bits = 2 ** Math.ceil(Math.log2(Math.max(1024, expected * BITS_PER_LINE)));
    this.#mask = Math.min(bits, MAX_BITS) - 1;
    this.#words = new Uint32Array((this.#mask + 1) / 32);
  }

  add(line: number): void {
    if (!this.has(line)) this.#lines += 1;
    for (let i = 0; i < HASHES; i++) {
      const bit = this.#bit(line, i);
      this.#words[bit >>> 5] = (this.#words[bit >>> 5] as number) | (1 << (bit & 31));
    }
  }

  has(line: number): boolean {
    for (let i = 0; i < HASHES; i++) {
      const bit = this.#bit(line, i);
      if (((this.#words[bit >>> 5] as number) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  /** Probability that a line counts as seen that was not: of the filter, and of 32-bit hashes. */
  get errorRate(): number {
    const filled = 1 - Math.exp((-HASHES * this.#lines) / (this.#mask + 1));
    return filled ** HASHES + this.#lines / 2 ** 32;
  }

  #bit(line: number, i: number): number {
    return (mix(line + Math.imul(i + 1, 0x9e3779b1)) >>> 0) & this.#mask;
  }
}
