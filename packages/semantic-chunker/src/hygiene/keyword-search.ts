/** Characters that keywords are made of, by class; class 0 is in no keyword. */
const MAX_CLASSES = 64;
/** Set in a step to a state in which a keyword ends. */
const IS_END = 1;

/**
 * Finds all of some keywords in one pass over a text, in any case: the automaton of Aho and Corasick
 * (https://doi.org/10.1145/360825.360855). A character costs two look-ups, however many keywords
 * there are, and whatever the text.
 */
export class KeywordSearch {
  /** Class of each ASCII character. */
  readonly #classes = new Uint8Array(128);
  /** Next state, by state and class: its place in this table, and {@link IS_END}. */
  #next: Uint32Array;
  /** Keywords that end in a state, by their place in the list; undefined for most. */
  readonly #found: (number[] | undefined)[];

  /** @param keywords in lower case, of ASCII characters. */
  constructor(keywords: readonly string[]) {
    const characters = [...new Set(keywords.join(""))];
    for (const [index, character] of characters.entries()) {
      for (const form of [character, character.toUpperCase()]) {
        this.#classes[form.charCodeAt(0)] = index + 1;
      }
    }
    const size = 1 + keywords.reduce((sum, keyword) => sum + keyword.length, 0);
    this.#next = new Uint32Array(size * MAX_CLASSES);
    this.#found = new Array(size);
    this.#addAll(keywords);
    this.#link(characters.length);
    this.#next = this.#next.map(
      (state) => (state * MAX_CLASSES) | (this.#found[state] ? IS_END : 0),
    );
  }

  /** Calls `visit` for each keyword in the text, with its place in the list and its end. */
  forEach(text: string, visit: (keyword: number, end: number) => void): void {
    const classes = this.#classes;
    const next = this.#next;
    let state = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const step = next[state | (code < 128 ? (classes[code] as number) : 0)] as number;
      state = step & ~IS_END;
      if (step === state) continue;
      for (const keyword of this.#found[state / MAX_CLASSES] ?? []) visit(keyword, at + 1);
    }
  }

  /** Makes a state of each beginning of a keyword. */
  #addAll(keywords: readonly string[]): void {
    let states = 1;
    for (const [index, keyword] of keywords.entries()) {
      let state = 0;
      for (const character of keyword) {
        const slot = state * MAX_CLASSES + (this.#classes[character.charCodeAt(0)] ?? 0);
        if (this.#next[slot] === 0) this.#next[slot] = states++;
        state = this.#next[slot] as number;
      }
      this.#found[state] = [...(this.#found[state] ?? []), index];
    }
  }

  /**
   * Leads from each state, by the characters that do not go on with its keyword, to the longest
   * beginning of another one that the text then ends with.
   */
  #link(classes: number): void {
    const fallbacks = new Uint16Array(this.#found.length);
    const queue = [0];
    for (const state of queue) {
      const fallback = fallbacks[state] ?? 0;
      for (let kind = 1; kind <= classes; kind += 1) {
        const slot = state * MAX_CLASSES + kind;
        const other = state === 0 ? 0 : (this.#next[fallback * MAX_CLASSES + kind] as number);
        const next = this.#next[slot] as number;
        if (next === 0) {
          this.#next[slot] = other;
          continue;
        }
        fallbacks[next] = other;
        const ends = [...(this.#found[next] ?? []), ...(this.#found[other] ?? [])];
        if (ends.length > 0) this.#found[next] = ends;
        queue.push(next);
      }
    }
  }
}
