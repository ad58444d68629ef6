import type { Chunk } from "@repotune/schema";
import { textHash } from "./text-hash.ts";

/** Words of a slot: two of the hash, and the chunk's number from 1. */
const SLOT = 3;
const MAX_LOAD = 0.75;

/**
 * Remembers which chunks were seen, and where first.
 *
 * A chunk takes 16 to 32 bytes, a commit some 60; two chunks among a million are mistaken for equal
 * once in 30 million histories.
 */
export class DuplicateIndex {
  #slots = new Uint32Array(SLOT * 1024);
  #count = 0;
  /** Chunks seen before each commit's first one, ascending, and what its chunks are called. */
  readonly #firsts: number[] = [];
  readonly #prefixes: string[] = [];
  /** Number of the chunk seen last; more than {@link #count}, which has no duplicates. */
  #number = 0;

  /**
   * The id of the first chunk with the same operation, language and code; undefined if this is it.
   *
   * @param chunk the chunks of a commit come one after the other, numbered from 0.
   */
  see({ chunk_id, op, language, old_code, new_code }: Chunk): string | undefined {
    const [prefix, index] = divided(chunk_id);
    if (this.#prefixes.at(-1) !== prefix) {
      this.#prefixes.push(prefix);
      this.#firsts.push(this.#number - index);
    }
    this.#number += 1;
    const sides = [old_code, new_code].map((code) => (code === null ? "-" : `+${code}`));
    const [high, low] = textHash([op, language, ...sides].join("\0"));
    const first = this.#findOrAdd(high, low, this.#number);
    return first === this.#number ? undefined : this.#idOf(first - 1);
  }

  #findOrAdd(high: number, low: number, number: number): number {
    const at = slotOf(this.#slots, high, low);
    const known = this.#slots[at + 2] ?? 0;
    if (known > 0) return known;
    this.#slots.set([high, low, number], at);
    this.#count += 1;
    if (this.#count * SLOT > this.#slots.length * MAX_LOAD) this.#grow();
    return number;
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += SLOT) {
      if (this.#slots[at + 2] === 0) continue;
      const slot = this.#slots.subarray(at, at + SLOT);
      slots.set(slot, slotOf(slots, slot[0] ?? 0, slot[1] ?? 0));
    }
    this.#slots = slots;
  }

  #idOf(number: number): string {
    let low = 0;
    let high = this.#firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#firsts[middle] ?? 0) <= number) low = middle;
      else high = middle;
    }
    return `${this.#prefixes[low]}_${number - (this.#firsts[low] ?? 0)}`;
  }
}

/** Where a hash stands in the table, or the free slot for it: linear probing. */
function slotOf(slots: Uint32Array, high: number, low: number): number {
  // The number of slots is a power of two.
  const mask = slots.length / SLOT - 1;
  let slot = high & mask;
  while (slots[slot * SLOT + 2] !== 0) {
    if (slots[slot * SLOT] === high && slots[slot * SLOT + 1] === low) break;
    slot = (slot + 1) & mask;
  }
  return slot * SLOT;
}

function divided(chunkId: string): [prefix: string, index: number] {
  const at = chunkId.lastIndexOf("_");
  return [chunkId.slice(0, at), Number(chunkId.slice(at + 1))];
}
