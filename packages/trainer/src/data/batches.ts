import { epochOrder } from "./order.ts";
import type { Sequence } from "./sequence.ts";
import type { TokenSplit } from "./token-split.ts";

/** Old sequences to mix in. */
export interface Replay {
  split: TokenSplit;
  /** Of all sequences, 0 to 1. */
  share: number;
}

/** The endless row of training sequences: epoch after epoch, each in an order of its own. */
export class Batches {
  readonly #fresh: Row;
  readonly #replayed: Row | undefined;
  readonly #share: number;

  constructor(split: TokenSplit, seed: number, replay?: Replay) {
    this.#fresh = new Row("train", split, seed);
    this.#replayed = replay && new Row("replay", replay.split, seed + 1);
    this.#share = replay?.share ?? 0;
  }

  /**
   * Reads sequences `start … start + count` of the row. Depends on nothing but the arguments, so
   * that a resumed training goes on where it stopped.
   */
  read(start: number, count: number): Promise<Sequence[]> {
    return Promise.all(this.#places(start, count).map(({ row, index }) => row.split.read(index)));
  }

  /** What they are called in messages: `train 17` is number 17, from 0, of the training split. */
  names(start: number, count: number): string[] {
    return this.#places(start, count).map(({ row, index }) => `${row.name} ${index}`);
  }

  /** Passes over the training data after `count` sequences of the row. */
  epochs(count: number): number {
    return (count - this.#oldAmong(count)) / this.#fresh.split.length;
  }

  /** Sequences of the row that an epoch takes, about. */
  get epochLength(): number {
    return this.#fresh.split.length / (1 - this.#share);
  }

  #places(start: number, count: number): { row: Row; index: number }[] {
    return Array.from({ length: count }, (_, i) => {
      const position = start + i;
      const old = this.#oldAmong(position);
      const isOld = this.#oldAmong(position + 1) > old;
      const row = isOld && this.#replayed ? this.#replayed : this.#fresh;
      return { row, index: row.indexOf(isOld ? old : position - old) };
    });
  }

  /** Old sequences among the first `count`: they come at even distances. */
  #oldAmong(count: number): number {
    return Math.floor(count * this.#share + 1e-9);
  }
}

/** A split, epoch after epoch. */
class Row {
  readonly name: string;
  readonly split: TokenSplit;
  readonly #seed: number;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array();

  constructor(name: string, split: TokenSplit, seed: number) {
    this.name = name;
    this.split = split;
    this.#seed = seed;
  }

  indexOf(position: number): number {
    const { length } = this.split;
    const epoch = Math.floor(position / length);
    if (epoch !== this.#epoch) {
      this.#order = epochOrder(length, this.#seed, epoch);
      this.#epoch = epoch;
    }
    return this.#order[position % length] as number;
  }
}
