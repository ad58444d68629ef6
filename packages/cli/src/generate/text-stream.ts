import type { TokenBytes } from "./token-bytes.ts";

/** Turns tokens into text, one after the other, without cutting characters in two. */
export class TextStream {
  readonly #bytes: TokenBytes;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(bytes: TokenBytes) {
    this.#bytes = bytes;
  }

  /** The text that is complete with `token`. Bytes that are no UTF-8 become U+FFFD. */
  push(token: number): string {
    return this.#decoder.decode(this.#bytes(token), { stream: true });
  }

  /** What is left at the end. */
  finish(): string {
    return this.#decoder.decode();
  }
}
