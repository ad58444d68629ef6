/** Comments and attributes that may turn out to belong to the next item. */
export class Pending {
  #first = 0;
  #last = 0;
  /** Whether an attribute or documentation is among them: these belong to it at any distance. */
  #isBound = false;
  /** The attributes' text. */
  attributes = "";

  add(first: number, last: number, isBound: boolean, attribute = ""): void {
    if (!this.#isBound && this.#last < first - 1) this.clear();
    if (this.#first === 0) this.#first = first;
    this.#last = last;
    this.#isBound ||= isBound;
    this.attributes += attribute;
  }

  /** First line of an item that itself begins at `line`. */
  firstLineOf(line: number): number {
    const isPart = this.#isBound || this.#last === line - 1;
    return this.#first > 0 && isPart ? Math.min(this.#first, line) : line;
  }

  clear(): void {
    this.#first = 0;
    this.#last = 0;
    this.#isBound = false;
    this.attributes = "";
  }
}
