import type { DecodedText } from "../commit/text.ts";

/** Distinct paths, each with a number. Paths that are not UTF-8 are told apart by their bytes. */
export class PathTable {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** Exact bytes, in base64, of the few paths that are not UTF-8. */
  readonly #bytes = new Map<number, string>();

  get size(): number {
    return this.#texts.length;
  }

  /** @param bytes exact bytes in base64, only where `text` cannot hold them. */
  intern(text: string, bytes?: string): number {
    // No path has a NUL, so no path can be taken for the key of another's bytes.
    const key = bytes === undefined ? text : `\0${bytes}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#texts.push(text) - 1;
      this.#numbers.set(key, number);
      if (bytes !== undefined) this.#bytes.set(number, bytes);
    }
    return number;
  }

  get(number: number): DecodedText {
    const bytes = this.#bytes.get(number);
    return { text: this.#texts[number] as string, ...(bytes !== undefined && { bytes }) };
  }

  text(number: number): string {
    return this.#texts[number] as string;
  }
}
