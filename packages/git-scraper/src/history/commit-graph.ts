import { IdTable } from "./id-table.ts";

/** All commits of a history in their order, parents before children, with the edges between. */
export class CommitGraph {
  readonly #ids: IdTable;
  /** Parents of all commits one after another; -1 for one outside the history. */
  #parents = new Int32Array(1 << 12);
  /** Where each commit's parents start. */
  #starts = new Int32Array(1 << 12);
  #parentCount = 0;

  /** @param digits hex digits of an id. */
  constructor(digits: number) {
    this.#ids = new IdTable(digits);
  }

  get size(): number {
    return this.#ids.size;
  }

  /** The positions of all commits, in order. */
  positions(): Int32Array {
    return Int32Array.from({ length: this.size }, (_, index) => index);
  }

  /** Appends a commit whose parents inside the history are there already. */
  add(id: string, parents: readonly string[]): void {
    const index = this.#ids.add(id);
    this.#parents = reserve(this.#parents, this.#parentCount + parents.length);
    this.#starts = reserve(this.#starts, index + 2);
    for (const parent of parents) {
      this.#parents[this.#parentCount] = this.#ids.indexOf(parent);
      this.#parentCount += 1;
    }
    this.#starts[index + 1] = this.#parentCount;
  }

  id(index: number): string {
    return this.#ids.id(index);
  }

  /** Position of a commit, or -1. */
  indexOf(id: string): number {
    return this.#ids.indexOf(id);
  }

  /** The first 32 bits of a commit's id. */
  prefix(index: number): number {
    return this.#ids.prefix(index);
  }

  /** Positions of a commit's parents; -1 for one outside the history. A view: do not keep it. */
  parents(index: number): Int32Array {
    return this.#parents.subarray(this.#starts[index], this.#starts[index + 1]);
  }
}

function reserve(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const grown = new Int32Array(Math.max(length, array.length * 2));
  grown.set(array);
  return grown;
}
