/**
 * Puts a number into a binary heap that has the smallest on top.
 *
 * A number that stands for a rank and a position, `rank * 2 ** 32 + position`, makes a queue of both.
 */
export function pushNumber(heap: number[], number: number): void {
  let at = heap.length;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt] ?? 0;
    if (parent <= number) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = number;
}

/** Takes the smallest number out of a heap, if it holds any. */
export function popNumber(heap: number[]): number | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let at = 0;
  for (let childAt = 1; childAt < heap.length; childAt = 2 * at + 1) {
    if ((heap[childAt + 1] ?? Number.POSITIVE_INFINITY) < (heap[childAt] ?? 0)) childAt += 1;
    const child = heap[childAt] ?? 0;
    if (child >= last) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
  return top;
}
