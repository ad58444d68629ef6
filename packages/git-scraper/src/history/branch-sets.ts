import type { Lineage } from "@repotune/schema";
import type { CommitGraph } from "./commit-graph.ts";

/**
 * Which members (branches, say) contain each commit.
 *
 * Sets are interned: a history has few distinct ones (Cargo: 181 over 34,473 commits and 91
 * branches), so a commit costs one number, and a union of two known sets one look-up. A set is held
 * as bits, and defined as one member or the union of two earlier sets: thousands of branches whose
 * sets all differ take megabytes where lists of members would take gigabytes.
 */
export class BranchSets {
  /** Set 0 is the empty one. */
  readonly definitions: Lineage["sets"] = [null];
  readonly #members: number;
  /** 32-bit words of a set. */
  readonly #words: number;
  /** The bits of all sets, one after another. */
  #bits: Uint32Array<ArrayBuffer>;
  /** Sets by a hash of their bits. */
  readonly #byHash = new Map<number, number[]>();
  readonly #unions = new Map<number, number>();
  readonly #setOf: Int32Array;

  /** @param tips for each member, in the order of its number, the commit it points to. */
  constructor(graph: CommitGraph, tips: readonly number[]) {
    this.#members = tips.length;
    this.#words = Math.ceil(tips.length / 32);
    this.#bits = new Uint32Array(this.#words * 64);
    this.#setOf = new Int32Array(graph.size);
    for (const [member, tip] of tips.entries()) {
      const bits = new Uint32Array(this.#words);
      bits[member >>> 5] = 1 << (member & 31);
      this.#join(tip, this.#intern(bits, member));
    }
    // Children come after their parents: one pass from the newest on reaches everything.
    for (let commit = graph.size - 1; commit >= 0; commit -= 1) {
      const set = this.#setOf[commit] as number;
      if (set === 0) continue;
      for (const parent of graph.parents(commit)) {
        if (parent >= 0) this.#join(parent, set);
      }
    }
  }

  /** Number of the set of a commit. */
  setOf(commit: number): number {
    return this.#setOf[commit] ?? 0;
  }

  /** Members of a set, ascending. */
  members(set: number): number[] {
    const bits = this.#bitsOf(set);
    const members: number[] = [];
    for (let member = 0; member < this.#members; member += 1) {
      if (((bits[member >>> 5] as number) >>> (member & 31)) & 1) members.push(member);
    }
    return members;
  }

  #join(commit: number, set: number): void {
    this.#setOf[commit] = this.#union(this.#setOf[commit] as number, set);
  }

  #union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    // Two set numbers in one exact double: up to 2^26 sets.
    const key = Math.min(a, b) * 2 ** 26 + Math.max(a, b);
    let union = this.#unions.get(key);
    if (union === undefined) {
      const other = this.#bitsOf(b);
      const bits = this.#bitsOf(a).map((word, index) => word | (other[index] as number));
      union = this.#intern(bits, [a, b]);
      this.#unions.set(key, union);
    }
    return union;
  }

  #bitsOf(set: number): Uint32Array<ArrayBuffer> {
    return this.#bits.subarray(set * this.#words, (set + 1) * this.#words);
  }

  /** The set with these bits; a new one is defined as given. */
  #intern(bits: Uint32Array, definition: Lineage["sets"][number]): number {
    const hash = bits.reduce((sum, word) => Math.imul(sum ^ word, 0x01000193) >>> 0, 0x811c9dc5);
    const alike = this.#byHash.get(hash) ?? [];
    const known = alike.find((set) => bits.every((word, at) => word === this.#bitsOf(set)[at]));
    if (known !== undefined) return known;
    const set = this.definitions.push(definition) - 1;
    if ((set + 1) * this.#words > this.#bits.length) {
      const grown = new Uint32Array(this.#bits.length * 2);
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits.set(bits, set * this.#words);
    this.#byHash.set(hash, [...alike, set]);
    return set;
  }
}
