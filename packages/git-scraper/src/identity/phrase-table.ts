import { isSpace, tokenEnd } from "./tokens.ts";

/** A longer phrase is not looked for, so that the time for a text grows with its length alone. */
const MAX_TOKENS = 64;

interface Node<Value> {
  value: Value | undefined;
  next: Map<string, Node<Value>>;
}

/** Phrases to be found as whole words in a text, all at once: a tree by their tokens. */
export class PhraseTable<Value> {
  readonly #root: Node<Value> = { value: undefined, next: new Map() };
  readonly #fold: (token: string) => string;

  /** @param fold tokens with the same result are the same. */
  constructor(fold: (token: string) => string = (token) => token) {
    this.#fold = fold;
  }

  /** Adds a phrase of at most 64 tokens; the first value of a phrase stands. */
  add(phrase: string, value: Value): void {
    const tokens: string[] = [];
    for (let at = 0; at < phrase.length; ) {
      const end = tokenEnd(phrase, at);
      tokens.push(this.#key(phrase.slice(at, end)));
      if (tokens.length > MAX_TOKENS) return;
      at = end;
    }
    let node = this.#root;
    for (const token of tokens) {
      let next = node.next.get(token);
      if (!next) {
        next = { value: undefined, next: new Map() };
        node.next.set(token, next);
      }
      node = next;
    }
    if (tokens.length > 0) node.value ??= value;
  }

  /** Whether any phrase begins with the token. */
  begins(token: string): boolean {
    return this.#root.next.size > 0 && this.#root.next.has(this.#key(token));
  }

  /**
   * The longest phrase that begins at `start`, where a token must begin.
   *
   * @param accepts whether a phrase that ends at `end` counts.
   */
  longest(
    text: string,
    start: number,
    accepts: (value: Value, end: number) => boolean,
  ): { value: Value; end: number } | undefined {
    let found: { value: Value; end: number } | undefined;
    let node: Node<Value> | undefined = this.#root;
    for (let at = start; at < text.length && node.next.size > 0; ) {
      const end = tokenEnd(text, at);
      node = node.next.get(this.#key(text.slice(at, end)));
      if (!node) break;
      if (node.value !== undefined && accepts(node.value, end)) found = { value: node.value, end };
      at = end;
    }
    return found;
  }

  /** Any white space is the same: a name may stand across the end of a line. */
  #key(token: string): string {
    return isSpace(token) ? " " : this.#fold(token);
  }
}
