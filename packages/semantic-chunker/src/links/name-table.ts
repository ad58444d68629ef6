/** Files by names. Most names are those of one file, for which a set would take many times its room. */
export class NameTable {
  readonly #files = new Map<string, string | Set<string>>();

  add(name: string, file: string): void {
    const known = this.#files.get(name);
    if (known === undefined) this.#files.set(name, file);
    else if (typeof known === "string") this.#files.set(name, new Set([known, file]));
    else known.add(file);
  }

  remove(name: string, file: string): void {
    const known = this.#files.get(name);
    if (known === file) this.#files.delete(name);
    else if (typeof known === "object" && known.delete(file) && known.size === 0) {
      this.#files.delete(name);
    }
  }

  /** The files of a name; none if it has none. */
  get(name: string): Iterable<string> | undefined {
    const known = this.#files.get(name);
    return typeof known === "string" ? [known] : known;
  }
}
