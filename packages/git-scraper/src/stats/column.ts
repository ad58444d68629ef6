type NumberArray = Uint8Array | Int16Array | Uint32Array | Int32Array | Float64Array;

/** First length of a column. */
const START = 1 << 10;

/**
 * A growing column of numbers. It grows by half, so that at most a third of it is ever empty.
 */
export class Column<T extends NumberArray> {
  readonly #create: (length: number) => T;
  #values: T;
  #length = 0;

  /** @param create makes an array of zeros. */
  constructor(create: (length: number) => T) {
    this.#create = create;
    this.#values = create(START);
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes in memory, the empty end among them. */
  get byteLength(): number {
    return this.#values.byteLength;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = this.#create(Math.ceil(this.#length * 1.5));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** The value at a position that is there. */
  at(index: number): number {
    return this.#values[index] as number;
  }

  /** The values. A view: do not keep it while the column grows. */
  view(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}
