import { epochOrder } from "./order.ts";
import type { Sequence } from "./sequence.ts";
import type { TokenSplit } from "./token-split.ts";

/** The endless row of training sequences: epoch after epoch, each in an order of its own. */
export class Batches {
  readonly #split: TokenSplit;
  readonly #seed: number;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array();

  constructor(split: TokenSplit, seed: number) {
    this.#split = split;
    this.#seed = seed;
  }

  /**
   * Reads sequences `start … start + count` of the row. Depends on nothing but the arguments, so
   * that a resumed training goes on where it stopped.
   */
  read(start: number, count: number): Promise<Sequence[]> {
    const indices = Array.from({ length: count }, (_, i) => this.#indexOf(start + i));
    return Promise.all(indices.map((index) => this.#split.read(index)));
  }

  #indexOf(position: number): number {
    const { length } = this.#split;
    const epoch = Math.floor(position / length);
    if (epoch !== this.#epoch) {
      this.#order = epochOrder(length, this.#seed, epoch);
      this.#epoch = epoch;
    }
    return this.#order[position % length] as number;
  }
}
