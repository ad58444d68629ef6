import type { LlamaModel, Token } from "node-llama-cpp";

/** How many tokens may spell one character: UTF-8 takes at most four bytes for it. */
const MAX_TOKENS_OF_CHARACTER = 4;

/** How many tokens back matter for the spaces between words. */
const CONTEXT_TOKENS = 8;

/** Turns tokens into text, one after the other, without cutting characters in two. */
export class TextStream {
  readonly #model: Pick<LlamaModel, "detokenize">;
  /** Tokens whose text is out. */
  #done: Token[];
  /** Tokens that may be parts of a character. */
  #pending: Token[] = [];

  /** @param before the tokens that the text follows on. */
  constructor(model: Pick<LlamaModel, "detokenize">, before: readonly Token[]) {
    this.#model = model;
    this.#done = before.slice(-CONTEXT_TOKENS);
  }

  /** The text that is complete with `token`; special tokens appear by name. */
  push(token: Token): string {
    this.#pending.push(token);
    const text = this.#model.detokenize(this.#pending, true, this.#done);
    const isCut = text.endsWith("\uFFFD") && this.#pending.length < MAX_TOKENS_OF_CHARACTER;
    return isCut ? "" : this.#take(text);
  }

  /** What is left at the end. */
  finish(): string {
    if (this.#pending.length === 0) return "";
    return this.#take(this.#model.detokenize(this.#pending, true, this.#done));
  }

  #take(text: string): string {
    this.#done = [...this.#done, ...this.#pending].slice(-CONTEXT_TOKENS);
    this.#pending = [];
    return text;
  }
}
