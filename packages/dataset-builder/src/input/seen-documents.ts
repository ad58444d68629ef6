import { createHash } from "node:crypto";
import { SPLIT_SIDES, type SplitSide } from "@repotune/schema";
import type { TokenDocument } from "./token-stream.ts";

const FIRST_SLOTS = 1 << 12;

/**
 * Remembers documents, to tell those that repeat one of them token for token.
 *
 * Histories are full of such repetitions: a branch that was rebased holds its commits twice. Of each
 * document eight bytes of its SHA-256 are kept; among a million, two different ones are taken for one
 * with a probability of 1 in 37 million.
 */
export class SeenDocuments {
  /** Digests in two halves, by open addressing; the second half is 0 where there is none. */
  #digests = new Uint32Array(2 * FIRST_SLOTS);
  /** Position of the side in `SPLIT_SIDES`, by slot. */
  #sides = new Uint8Array(FIRST_SLOTS);
  #count = 0;

  /** The side of the earlier document that this one repeats; remembers it if there is none. */
  sideOfEarlier({ ids }: Pick<TokenDocument, "ids">, side: SplitSide): SplitSide | undefined {
    const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
    const digest = createHash("sha256").update(bytes).digest();
    const [low, high] = [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
    const slot = this.#find(low, high);
    if (this.#digests[2 * slot + 1] !== 0) return SPLIT_SIDES[this.#sides[slot] as number];
    this.#put(slot, low, high, SPLIT_SIDES.indexOf(side));
    this.#count += 1;
    if (2 * this.#count > this.#sides.length) this.#grow();
    return undefined;
  }

  /** The slot that holds a digest, or the empty one where it belongs. */
  #find(low: number, high: number): number {
    const mask = this.#sides.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const [a, b] = [this.#digests[2 * slot], this.#digests[2 * slot + 1]];
      if (b === 0 || (a === low && b === high)) return slot;
    }
  }

  #put(slot: number, low: number, high: number, side: number): void {
    this.#digests[2 * slot] = low;
    this.#digests[2 * slot + 1] = high;
    this.#sides[slot] = side;
  }

  #grow(): void {
    const [digests, sides] = [this.#digests, this.#sides];
    this.#digests = new Uint32Array(2 * digests.length);
    this.#sides = new Uint8Array(2 * sides.length);
    for (let slot = 0; slot < sides.length; slot++) {
      const [low, high] = [digests[2 * slot] as number, digests[2 * slot + 1] as number];
      if (high !== 0) this.#put(this.#find(low, high), low, high, sides[slot] as number);
    }
  }
}
