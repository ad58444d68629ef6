/** A pair of adjacent ids, and how often it was seen when it was put in the queue. */
export interface QueuedPair {
  count: number;
  left: number;
  right: number;
}

/** Whether `a` is merged before `b`: the higher count, then the smaller ids. */
const precedes = (a: QueuedPair, b: QueuedPair): boolean =>
  a.count !== b.count ? a.count > b.count : a.left !== b.left ? a.left < b.left : a.right < b.right;

/** Binary heap of pairs, the next one to merge on top. */
export class PairQueue {
  readonly #heap: QueuedPair[] = [];

  push(pair: QueuedPair): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt] as QueuedPair;
      if (!precedes(pair, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = pair;
  }

  /** Takes the pair on top, if any. */
  pop(): QueuedPair | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if (
        childAt + 1 < heap.length &&
        precedes(heap[childAt + 1] as QueuedPair, heap[childAt] as QueuedPair)
      ) {
        childAt += 1;
      }
      const child = heap[childAt] as QueuedPair;
      if (!precedes(child, last)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
    return top;
  }
}
