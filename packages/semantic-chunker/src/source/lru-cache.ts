/** A map that forgets what was not used for longest once it is full. */
export class LruCache<V> {
  readonly #entries = new Map<string, { value: V; cost: number }>();
  readonly #maxCost: number;
  #cost = 0;

  /** @param maxCost in whatever unit {@link LruCache.set} is given. */
  constructor(maxCost: number) {
    this.#maxCost = maxCost;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: V, cost: number): void {
    this.#forget(key);
    this.#entries.set(key, { value, cost });
    this.#cost += cost;
    for (const oldest of this.#entries.keys()) {
      if (this.#cost <= this.#maxCost) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#cost -= this.#entries.get(key)?.cost ?? 0;
    this.#entries.delete(key);
  }
}
