/**
 * A growing list of distinct object ids, packed as bytes, with an open-addressing index over them:
 * a million commits take some 30 MB, where strings in a Map would take ten times that.
 */
export class IdTable {
  readonly #width: number;
  /** Ids one after another, as words and, in the same memory, as bytes. */
  #words: Int32Array<ArrayBuffer>;
  #bytes: Buffer;
  /** The id that is looked for, likewise. */
  readonly #soughtWords: Int32Array<ArrayBuffer>;
  readonly #soughtBytes: Buffer;
  #slots = new Int32Array(1 << 12).fill(-1);
  #size = 0;

  /** @param digits hex digits of an id. */
  constructor(digits: number) {
    this.#width = digits / 2;
    this.#words = new Int32Array((this.#width / 4) << 10);
    this.#bytes = Buffer.from(this.#words.buffer);
    this.#soughtWords = new Int32Array(this.#width / 4);
    this.#soughtBytes = Buffer.from(this.#soughtWords.buffer);
  }

  get size(): number {
    return this.#size;
  }

  /** The id at a position, in hex. */
  id(index: number): string {
    return this.#bytes.toString("hex", index * this.#width, (index + 1) * this.#width);
  }

  /** Position of `id`, or -1. */
  indexOf(id: string): number {
    return this.#slots[this.#slotOf(id)] as number;
  }

  /** Appends `id` unless it is there; returns its position. */
  add(id: string): number {
    const slot = this.#slotOf(id);
    const existing = this.#slots[slot] as number;
    if (existing >= 0) return existing;
    const index = this.#size;
    const start = index * this.#soughtWords.length;
    if (start === this.#words.length) {
      const grown = new Int32Array(start * 2);
      grown.set(this.#words);
      this.#words = grown;
      this.#bytes = Buffer.from(grown.buffer);
    }
    this.#words.set(this.#soughtWords, start);
    this.#slots[slot] = index;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  /** The first 32 bits of the id at a position, which are as good as random. */
  prefix(index: number): number {
    return this.#bytes.readUInt32BE(index * this.#width);
  }

  /** The slot of `id`, or the empty one where it belongs. The bits of an id are as good as random. */
  #slotOf(id: string): number {
    this.#soughtBytes.fill(0).write(id, "hex");
    const mask = this.#slots.length - 1;
    let slot = (this.#soughtWords[0] as number) & mask;
    for (;;) {
      const index = this.#slots[slot] as number;
      if (index < 0 || this.#isSought(index)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isSought(index: number): boolean {
    const sought = this.#soughtWords;
    const start = index * sought.length;
    for (let word = 0; word < sought.length; word += 1) {
      if (this.#words[start + word] !== sought[word]) return false;
    }
    return true;
  }

  #rehash(): void {
    const mask = this.#slots.length * 2 - 1;
    const slots = new Int32Array(mask + 1).fill(-1);
    for (let index = 0; index < this.#size; index += 1) {
      let slot = (this.#words[index * this.#soughtWords.length] as number) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = index;
    }
    this.#slots = slots;
  }
}
