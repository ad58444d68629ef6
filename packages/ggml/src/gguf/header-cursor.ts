import type { FileHandle } from "node:fs/promises";
import { MAX_HEADER_BYTES, malformedGguf, truncatedGguf } from "./format.ts";
import { type GgufNumericType, numericArrays } from "./value.ts";

/** A header of a model takes one to a few reads of this size. */
const CHUNK_BYTES = 1 << 20;

/**
 * Reads a GGUF header from its beginning on, without ever buffering more than the file holds or
 * {@link MAX_HEADER_BYTES}. `what` names the piece that is read, for the error messages.
 */
export class HeaderCursor {
  readonly path: string;
  readonly fileBytes: number;
  readonly #handle: FileHandle;
  #buffer: Buffer = Buffer.alloc(0);
  /** Where the next byte lies in `#buffer`. */
  #at = 0;
  /** Where `#buffer` starts in the file. */
  #bufferStart = 0;

  constructor(path: string, handle: FileHandle, fileBytes: number) {
    this.path = path;
    this.#handle = handle;
    this.fileBytes = fileBytes;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#bufferStart + this.#at;
  }

  /** The next `count` bytes; valid until the next call. */
  async bytes(count: number, what: string): Promise<Buffer> {
    await this.#need(count, what);
    this.#at += count;
    return this.#buffer.subarray(this.#at - count, this.#at);
  }

  async u32(what: string): Promise<number> {
    return (await this.bytes(4, what)).readUInt32LE();
  }

  async u64(what: string): Promise<bigint> {
    return (await this.bytes(8, what)).readBigUInt64LE();
  }

  /** A u64 that counts things; more than `limit` of them is no honest file. */
  async count(limit: number, what: string): Promise<number> {
    const count = await this.u64(what);
    if (count > limit) {
      throw malformedGguf(this.path, `${what} has the impossible length ${count}`);
    }
    return Number(count);
  }

  /** A string: u64 length, UTF-8. Bytes that are not UTF-8 become U+FFFD. */
  async string(what: string): Promise<string> {
    const length = await this.count(MAX_HEADER_BYTES, what);
    return (await this.bytes(length, what)).toString("utf8");
  }

  /** `count` strings. Vocabularies have hundreds of thousands, hence no promise for each. */
  async strings(count: number, what: string): Promise<string[]> {
    this.#checkRoom(count * 8, what);
    const strings: string[] = [];
    for (let i = 0; i < count; i++) {
      if (this.#buffer.length - this.#at < 8) await this.#need(8, what);
      const high = this.#buffer.readUInt32LE(this.#at + 4);
      if (high > 0) throw malformedGguf(this.path, `${what} has a string of over 4 GiB`);
      const length = this.#buffer.readUInt32LE(this.#at);
      this.#at += 8;
      if (this.#buffer.length - this.#at < length) await this.#need(length, what);
      strings.push(this.#buffer.toString("utf8", this.#at, this.#at + length));
      this.#at += length;
    }
    return strings;
  }

  /** `count` numbers of `type`. */
  async numbers<T extends GgufNumericType>(type: T, count: number, what: string) {
    const ArrayType = numericArrays[type];
    const bytes = await this.bytes(count * ArrayType.BYTES_PER_ELEMENT, what);
    return new ArrayType(new Uint8Array(bytes).buffer) as InstanceType<(typeof numericArrays)[T]>;
  }

  #checkRoom(count: number, what: string): void {
    const end = this.position + count;
    if (end > MAX_HEADER_BYTES) {
      throw malformedGguf(
        this.path,
        `${what} would make the header longer than ${MAX_HEADER_BYTES} bytes`,
      );
    }
    if (end > this.fileBytes) throw truncatedGguf(this.path, end, this.fileBytes, what);
  }

  /** Makes sure that `count` bytes are buffered. */
  async #need(count: number, what: string): Promise<void> {
    const kept = this.#buffer.subarray(this.#at);
    if (kept.length >= count) return;
    this.#checkRoom(count, what);
    const start = this.position;
    const next = Buffer.alloc(Math.min(Math.max(count, CHUNK_BYTES), this.fileBytes - start));
    kept.copy(next);
    for (let filled = kept.length; filled < next.length; ) {
      const { bytesRead } = await this.#handle.read(
        next,
        filled,
        next.length - filled,
        start + filled,
      );
      if (bytesRead === 0) {
        throw truncatedGguf(this.path, start + next.length, start + filled, what);
      }
      filled += bytesRead;
    }
    this.#buffer = next;
    this.#bufferStart = start;
    this.#at = 0;
  }
}
