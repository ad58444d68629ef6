/** A map that forgets what was not used for longest once it is full. */
export class LruCache<V> {
  readonly #entries = new Map<string, { value: V; cost: number }>();
  readonly #maxCost: number;
  readonly #release: (value: V) => void;
  #cost = 0;

  /**
   * @param maxCost in whatever unit {@link LruCache.set} is given.
   * @param release called with what is forgotten.
   */
  constructor(maxCost: number, release: (value: V) => void = () => undefined) {
    this.#maxCost = maxCost;
    this.#release = release;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** What {@link LruCache.get} gives, which is the caller's from then on. */
  take(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#cost -= entry.cost;
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

  /** Forgets everything. */
  clear(): void {
    for (const key of [...this.#entries.keys()]) this.#forget(key);
  }

  #forget(key: string): void {
    if (!this.#entries.has(key)) return;
    this.#release(this.take(key) as V);
  }
}
