/**
 * A growing list of distinct object ids, packed as bytes, with an open-addressing index over them:
 * a million commits take some 30 MB, where strings in a Map would take ten times that.
 */
export class IdTable {
  readonly #width: number;
  #bytes: Buffer;
  #slots = new Int32Array(1 << 12).fill(-1);
  #size = 0;

  /** @param digits hex digits of an id. */
  constructor(digits: number) {
    this.#width = digits / 2;
    this.#bytes = Buffer.alloc(this.#width << 10);
  }

  get size(): number {
    return this.#size;
  }

  /** The id at a position, in hex. */
  id(index: number): string {
    return this.#bytes.toString("hex", index * this.#width, (index + 1) * this.#width);
  }

  /** All ids, in order. */
  *ids(): Generator<string> {
    for (let index = 0; index < this.#size; index += 1) yield this.id(index);
  }

  /** Position of `id`, or -1. */
  indexOf(id: string): number {
    return this.#slots[this.#slotOf(Buffer.from(id, "hex"))] ?? -1;
  }

  /** Appends `id` unless it is there; returns its position. */
  add(id: string): number {
    const bytes = Buffer.from(id, "hex");
    const slot = this.#slotOf(bytes);
    const existing = this.#slots[slot] ?? -1;
    if (existing >= 0) return existing;
    const index = this.#size;
    if ((index + 1) * this.#width > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
    }
    bytes.copy(this.#bytes, index * this.#width);
    this.#slots[slot] = index;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  /** The first 32 bits of the id at a position, which are as good as random. */
  prefix(index: number): number {
    return this.#bytes.readUInt32BE(index * this.#width);
  }

  #slotOf(id: Buffer): number {
    const mask = this.#slots.length - 1;
    let slot = id.readUInt32BE(0) & mask;
    for (;;) {
      const index = this.#slots[slot] as number;
      if (index < 0) return slot;
      const start = index * this.#width;
      if (id.compare(this.#bytes, start, start + this.#width) === 0) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #rehash(): void {
    const mask = this.#slots.length * 2 - 1;
    const slots = new Int32Array(mask + 1).fill(-1);
    for (let index = 0; index < this.#size; index += 1) {
      let slot = this.prefix(index) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = index;
    }
    this.#slots = slots;
  }
}
