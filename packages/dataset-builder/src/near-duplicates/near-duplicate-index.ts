import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { mix } from "../input/commit-lines.ts";
import { SKETCH_SIZE, type Sketch, similarity } from "./sketch.ts";

/** From this similarity on, two sets count as near-duplicates. */
const NEAR = 0.9;

/**
 * Bands of MinHash values; sets with a band in common are compared. Sketches of sets that are 0.9
 * alike share about 0.82 of their elements: a band of 4 then agrees with probability 0.45, and all 16
 * miss with 7 in 100,000.
 */
const BANDS = 16;
const ROWS = 4;

/** Slots of a band's table at most: 16 bands of them take 32 MiB, however long the history. */
const MAX_SLOTS_LOG2 = 18;
const MIN_SLOTS_LOG2 = 8;

const RECORD = SKETCH_SIZE + 1;

/** An earlier set that a set is nearly equal to. */
export interface NearDuplicate {
  /** What it was added as. */
  item: number;
  similarity: number;
}

/**
 * Finds near-duplicates among sets that come one after the other, by MinHash and locality-sensitive
 * hashing (https://doi.org/10.1109/SEQUEN.1997.666900), in constant time for each and constant memory
 * in all: tables have a fixed size, in which new sets displace old ones, and sketches lie in a file.
 *
 * Only sets that no earlier one is near to are kept, so a group of any size is compared with its
 * first member alone.
 */
export class NearDuplicateIndex {
  readonly #path: string;
  readonly #file: number;
  readonly #mask: number;
  /** Key of each slot; 0 where there is none. */
  readonly #keys: Uint32Array;
  /** Position in the file of the slot's sketch. */
  readonly #records: Uint32Array;
  readonly #band = new Uint32Array(BANDS);
  readonly #buffer = new Uint32Array(RECORD);
  #items: number[] = [];

  /**
   * @param path of the file, which {@link NearDuplicateIndex.close} removes.
   * @param expected number of sets; more make it forgetful.
   */
  constructor(path: string, expected: number) {
    const wanted = Math.ceil(Math.log2(Math.max(2, 2 * expected)));
    const slots = 2 ** Math.min(Math.max(wanted, MIN_SLOTS_LOG2), MAX_SLOTS_LOG2);
    this.#path = path;
    this.#file = openSync(path, "w+");
    this.#mask = slots - 1;
    this.#keys = new Uint32Array(BANDS * slots);
    this.#records = new Uint32Array(BANDS * slots);
  }

  /** The earliest kept set that `sketch` is near to; otherwise keeps it as `item`. */
  findOrAdd(sketch: Sketch, item: number): NearDuplicate | undefined {
    this.#hashBands(sketch);
    const found = this.#find(sketch);
    if (!found) this.#add(sketch, item);
    return found;
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #find(sketch: Sketch): NearDuplicate | undefined {
    const looked = new Set<number>();
    let best: { record: number; similarity: number } | undefined;
    for (let band = 0; band < BANDS; band++) {
      const slot = this.#slot(band);
      if (this.#keys[slot] !== this.#band[band]) continue;
      const record = this.#records[slot] as number;
      if (looked.has(record) || (best && record > best.record)) continue;
      looked.add(record);
      const alike = similarity(sketch, this.#read(record));
      if (alike >= NEAR) best = { record, similarity: alike };
    }
    return best && { item: this.#items[best.record] as number, similarity: best.similarity };
  }

  #add({ size, smallest }: Sketch, item: number): void {
    const record = this.#items.push(item) - 1;
    this.#buffer.fill(0);
    this.#buffer[0] = size;
    this.#buffer.set(smallest, 1);
    writeSync(this.#file, this.#buffer, 0, RECORD * 4, record * RECORD * 4);
    for (let band = 0; band < BANDS; band++) {
      const slot = this.#slot(band);
      if (this.#keys[slot] === this.#band[band]) continue; // The earlier set stays findable.
      this.#keys[slot] = this.#band[band] as number;
      this.#records[slot] = record;
    }
  }

  #read(record: number): Sketch {
    readSync(this.#file, this.#buffer, 0, RECORD * 4, record * RECORD * 4);
    const size = this.#buffer[0] as number;
    return { size, smallest: this.#buffer.subarray(1, 1 + Math.min(size, SKETCH_SIZE)) };
  }

  #slot(band: number): number {
    return band * (this.#mask + 1) + ((this.#band[band] as number) & this.#mask);
  }

  /** Hashes each band's minima over the sketch to one key that is not 0. */
  #hashBands({ smallest }: Sketch): void {
    for (let band = 0; band < BANDS; band++) {
      let key = mix(band + 1);
      for (let row = 0; row < ROWS; row++) {
        // Elements are hashes already: a multiplication and an addition permute them well enough.
        const addend = mix(band * ROWS + row + 1);
        const factor = mix(addend) | 1;
        let least = 0xffffffff;
        for (let i = 0; i < smallest.length; i++) {
          const hash = (Math.imul(smallest[i] as number, factor) + addend) >>> 0;
          if (hash < least) least = hash;
        }
        key = mix(key ^ least);
      }
      this.#band[band] = key >>> 0 || 1;
    }
  }
}
