import { createHash } from "node:crypto";
import type { TokenDocument } from "./token-stream.ts";

const FIRST_SLOTS = 1 << 12;

/**
 * The set of documents that were seen, to tell those that repeat one of them token for token.
 *
 * Histories are full of such repetitions: a branch that was rebased holds its commits twice. Of each
 * document eight bytes of its SHA-256 are kept; among a million, two different ones are taken for one
 * with a probability of 1 in 37 million.
 */
export class DocumentSet {
  /** Digests in two halves, by open addressing; both halves 0 where there is none. */
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #count = 0;

  has(document: Pick<TokenDocument, "ids">): boolean {
    const [low, high] = digestOf(document);
    return this.#slots[2 * this.#find(low, high) + 1] !== 0;
  }

  /** @returns whether the document is new. */
  add(document: Pick<TokenDocument, "ids">): boolean {
    const [low, high] = digestOf(document);
    if (!this.#insert(low, high)) return false;
    this.#count += 1;
    if (4 * this.#count > this.#slots.length) this.#grow();
    return true;
  }

  /** The slot that holds a digest, or the empty one where it belongs. */
  #find(low: number, high: number): number {
    const mask = this.#slots.length / 2 - 1;
    let slot = low & mask;
    for (;;) {
      const [a, b] = [this.#slots[2 * slot], this.#slots[2 * slot + 1]];
      if (b === 0 || (a === low && b === high)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #insert(low: number, high: number): boolean {
    const slot = this.#find(low, high);
    if (this.#slots[2 * slot + 1] !== 0) return false;
    this.#slots[2 * slot] = low;
    this.#slots[2 * slot + 1] = high;
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] !== 0) this.#insert(old[at] as number, old[at + 1] as number);
    }
  }
}

/** Two halves of a digest; the second is never 0. */
function digestOf({ ids }: Pick<TokenDocument, "ids">): [low: number, high: number] {
  const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
  const digest = createHash("sha256").update(bytes).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
}
