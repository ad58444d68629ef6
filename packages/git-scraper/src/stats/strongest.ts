/** Keeps the first so many of many items by an order, in memory for a few times as many. */
export class Strongest<T> {
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;
  #items: T[] = [];
  /** The last of as many as are kept, once there were: what does not come before it is none of them. */
  #last: T | undefined;
  #cut = 0;

  /** @param compare a total order, so that what is kept does not depend on the order of adding. */
  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  add(item: T): void {
    if (this.#last !== undefined && this.#compare(item, this.#last) > 0) {
      this.#cut += 1;
      return;
    }
    this.#items.push(item);
    if (this.#items.length >= 2 * this.#limit + 1024) this.#prune();
  }

  /** The items kept, in order, and how many were not. */
  take(): { items: T[]; cut: number } {
    this.#prune();
    return { items: this.#items, cut: this.#cut };
  }

  #prune(): void {
    this.#items.sort(this.#compare);
    this.#cut += Math.max(0, this.#items.length - this.#limit);
    this.#items.length = Math.min(this.#items.length, this.#limit);
    if (this.#items.length === this.#limit) this.#last = this.#items.at(-1);
  }
}
