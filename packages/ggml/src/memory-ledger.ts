/** Counts the bytes that tensors and graphs have reserved on a device. */
export class MemoryLedger {
  #reserved = 0;
  #peak = 0;

  /** Bytes that are reserved now. */
  get reserved(): number {
    return this.#reserved;
  }

  /** The most that was reserved at once, since the beginning or {@link MemoryLedger.forgetPeak}. */
  get peak(): number {
    return this.#peak;
  }

  /** Begins to look for the peak anew. */
  forgetPeak(): void {
    this.#peak = this.#reserved;
  }

  /** Takes note of `bytes` that were reserved, or, if negative, given back. */
  add(bytes: number): void {
    this.#reserved += bytes;
    this.#peak = Math.max(this.#peak, this.#reserved);
  }
}
