/** Ids below this fit in two bytes. */
const U16_IDS = 2 ** 16;

/**
 * Distinct words as ids, one behind the other in one array: an array for each would take many times
 * the memory. Words only become shorter, so each stays where it is.
 */
export class WordTable {
  readonly #ids: Uint16Array | Uint32Array;
  readonly #starts: Float64Array;
  readonly #lengths: Uint32Array;
  readonly #counts: Float64Array;

  /**
   * @param wordCounts occurrences by word.
   * @param idOfByte ids that words begin with.
   * @param idLimit bound of all ids that merging gives.
   */
  constructor(
    wordCounts: ReadonlyMap<string, number>,
    idOfByte: ArrayLike<number>,
    idLimit: number,
  ) {
    let total = 0;
    for (const word of wordCounts.keys()) total += Buffer.byteLength(word);
    this.#ids = idLimit <= U16_IDS ? new Uint16Array(total) : new Uint32Array(total);
    this.#starts = new Float64Array(wordCounts.size);
    this.#lengths = new Uint32Array(wordCounts.size);
    this.#counts = new Float64Array(wordCounts.size);
    let index = 0;
    let at = 0;
    for (const [word, count] of wordCounts) {
      const bytes = Buffer.from(word);
      this.#starts[index] = at;
      this.#lengths[index] = bytes.length;
      this.#counts[index] = count;
      for (const byte of bytes) this.#ids[at++] = idOfByte[byte] ?? 0;
      index += 1;
    }
  }

  get size(): number {
    return this.#counts.length;
  }

  /** How often a word occurs. */
  countOf(index: number): number {
    return this.#counts[index] ?? 0;
  }

  idsOf(index: number): Uint16Array | Uint32Array {
    const start = this.#starts[index] ?? 0;
    return this.#ids.subarray(start, start + (this.#lengths[index] ?? 0));
  }

  /**
   * Replaces a pair by `id` in a word, from left to right.
   *
   * @param change called for each neighbouring pair that is lost (-1) or gained (1).
   */
  merge(
    index: number,
    { left, right }: { left: number; right: number },
    id: number,
    change: (left: number, right: number, sign: 1 | -1) => void,
  ): void {
    const ids = this.#ids;
    const start = this.#starts[index] ?? 0;
    const end = start + (this.#lengths[index] ?? 0);
    let to = start;
    for (let at = start; at < end; at++) {
      const symbol = ids[at] ?? 0;
      if (symbol !== left || at + 1 === end || ids[at + 1] !== right) {
        ids[to++] = symbol;
        continue;
      }
      // In a run such as "aaa" the neighbouring pair is the one that is being merged.
      if (to > start) {
        const before = ids[to - 1] ?? 0;
        if (before !== left || left !== right) change(before, left, -1);
        change(before, id, 1);
      }
      if (at + 2 < end) {
        const after = ids[at + 2] ?? 0;
        if (after !== right || left !== right) change(right, after, -1);
        change(id, after, 1);
      }
      ids[to++] = id;
      at += 1;
    }
    this.#lengths[index] = to - start;
  }
}
