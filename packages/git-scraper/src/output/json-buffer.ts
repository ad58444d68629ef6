/** Bytes it starts with, and comes back to after one that was much larger. */
const INITIAL = 2 << 20;
const MUCH_LARGER = 32 << 20;

/** Bytes that are escaped at a time, each of which may become six. */
const SLICE = 1 << 16;

const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;

/** The letter after the backslash for each byte that has a short escape; 0 for the others. */
const shortEscapes = new Uint8Array(256);
for (const [byte, letter] of [
  [8, "b"],
  [9, "t"],
  [10, "n"],
  [12, "f"],
  [13, "r"],
  [QUOTE, '"'],
  [BACKSLASH, "\\"],
] as const) {
  shortEscapes[byte] = letter.charCodeAt(0);
}

/** Whether a byte stands for itself in a JSON string. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

const hexDigits = Buffer.from("0123456789abcdef");

/**
 * A growing buffer for JSON, which takes UTF-8 text from bytes as it is: making a string of a patch
 * and a JSON string of that costs several times as much.
 */
export class JsonBuffer {
  #bytes = Buffer.allocUnsafe(INITIAL);
  #length = 0;
  /** Text at the end that is not encoded yet: each encoding is a call out of JavaScript. */
  #text = "";

  /** Appends text as it is. */
  text(text: string): void {
    this.#text += text;
  }

  /** Appends a JSON string of UTF-8 text, exactly as `JSON.stringify` writes it. */
  string(utf8: Buffer): void {
    this.#encode();
    this.#reserve(1);
    this.#bytes[this.#length++] = QUOTE;
    for (let start = 0; start < utf8.length; start += SLICE) {
      this.#escape(utf8, start, Math.min(utf8.length, start + SLICE));
    }
    this.#reserve(1);
    this.#bytes[this.#length++] = QUOTE;
  }

  /** Bytes it holds. */
  get length(): number {
    this.#encode();
    return this.#length;
  }

  /** What it holds: a view, good until something is added to it or it is cleared. */
  view(): Buffer {
    this.#encode();
    return this.#bytes.subarray(0, this.#length);
  }

  /** Empties it. Its memory is used again: fresh memory costs more than what is done with it. */
  clear(): void {
    this.#text = "";
    this.#length = 0;
    if (this.#bytes.length > MUCH_LARGER) this.#bytes = Buffer.allocUnsafe(INITIAL);
  }

  #encode(): void {
    if (this.#text === "") return;
    this.#reserve(this.#text.length * 3);
    this.#length += this.#bytes.write(this.#text, this.#length);
    this.#text = "";
  }

  #escape(source: Buffer, start: number, end: number): void {
    this.#reserve(6 * (end - start));
    const target = this.#bytes;
    let at = this.#length;
    for (let index = start; index < end; index += 1) {
      const byte = source[index] as number;
      if (isPlain[byte] === 1) {
        target[at++] = byte;
        continue;
      }
      target[at++] = BACKSLASH;
      const letter = shortEscapes[byte] as number;
      if (letter !== 0) {
        target[at++] = letter;
        continue;
      }
      target[at++] = 117; // u
      target[at++] = 48;
      target[at++] = 48;
      target[at++] = hexDigits[byte >> 4] as number;
      target[at++] = hexDigits[byte & 15] as number;
    }
    this.#length = at;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
