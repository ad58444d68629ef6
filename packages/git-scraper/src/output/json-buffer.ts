import { ESCAPE_BYTES, escapeModule, OVERRUN } from "./escape-module.ts";
import { type WasmMemory, type WasmModule, webAssembly } from "./web-assembly.ts";

/** Bytes that are escaped at a time, each of which may become six. */
const SLICE = 1 << 16;

/** The memory: first the escapes, then a slice that is escaped, then what the buffer holds. */
const SOURCE = 0x80 * ESCAPE_BYTES;
const START = SOURCE + SLICE + OVERRUN;

/** Bytes it starts with, and comes back to after one that was much larger. */
const INITIAL = 2 << 20;
const MUCH_LARGER = 8 << 20;

const PAGE = 1 << 16;

/** The bytes for which `JSON.stringify` writes others, with those. */
const escapes = [...Array(0x20).keys(), ...Buffer.from('"\\')].map((byte): [number, Buffer] => [
  byte,
  Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
]);

/** Escapes the bytes between two addresses to a third one, and tells the end of that. */
type Escape = (at: number, end: number, to: number) => number;

/** Compiled once, when first needed. */
let compiled: WasmModule | undefined;

/**
 * A growing buffer for JSON, which takes UTF-8 text from bytes as it is: making a string of a patch
 * and a JSON string of that costs several times as much.
 */
export class JsonBuffer {
  #memory: WasmMemory;
  #escape: Escape;
  /** All of the memory. */
  #bytes: Buffer;
  /** Where what it holds ends. */
  #end = START;
  /** Text at the end that is not encoded yet: each encoding is a call out of JavaScript. */
  #text = "";

  constructor() {
    [this.#memory, this.#escape] = instantiate();
    this.#bytes = Buffer.from(this.#memory.buffer);
  }

  /** Appends text as it is. */
  text(text: string): void {
    this.#text += text;
  }

  /** Appends a JSON string of UTF-8 text, exactly as `JSON.stringify` writes it. */
  string(utf8: Buffer): void {
    this.#text += '"';
    this.#encode();
    for (let start = 0; start < utf8.length; start += SLICE) {
      const length = utf8.copy(this.#bytes, SOURCE, start, start + SLICE);
      this.#reserve(6 * length + OVERRUN);
      this.#end = this.#escape(SOURCE, SOURCE + length, this.#end) >>> 0;
    }
    this.#text = '"';
  }

  /** Bytes it holds. */
  get length(): number {
    this.#encode();
    return this.#end - START;
  }

  /** What it holds: a view, good until something is added to it or it is cleared. */
  view(): Buffer {
    this.#encode();
    return this.#bytes.subarray(START, this.#end);
  }

  /** Empties it. Its memory is used again: fresh memory costs more than what is done with it. */
  clear(): void {
    this.#text = "";
    this.#end = START;
    if (this.#bytes.length <= MUCH_LARGER) return;
    [this.#memory, this.#escape] = instantiate();
    this.#bytes = Buffer.from(this.#memory.buffer);
  }

  #encode(): void {
    if (this.#text === "") return;
    this.#reserve(this.#text.length * 3);
    this.#end += this.#bytes.write(this.#text, this.#end);
    this.#text = "";
  }

  #reserve(bytes: number): void {
    const { length } = this.#bytes;
    const missing = this.#end + bytes - length;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil(Math.max(missing, length) / PAGE));
    this.#bytes = Buffer.from(this.#memory.buffer);
  }
}

function instantiate(): [WasmMemory, Escape] {
  const memory = new webAssembly.Memory({ initial: INITIAL / PAGE });
  const bytes = Buffer.from(memory.buffer);
  for (const [byte, text] of escapes) {
    bytes.set(text, byte * ESCAPE_BYTES);
    bytes[(byte + 1) * ESCAPE_BYTES - 1] = text.length;
  }
  compiled ??= escapeModule();
  const { exports } = new webAssembly.Instance(compiled, { "": { memory } });
  return [memory, exports.escape as Escape];
}
