/** Files by names, for names of which a few are common and most are rare. */
export class NameTable {
  readonly #files = new Map<string, Set<string>>();

  add(name: string, file: string): void {
    const files = this.#files.get(name);
    if (files) files.add(file);
    else this.#files.set(name, new Set([file]));
  }

  remove(name: string, file: string): void {
    const files = this.#files.get(name);
    if (files?.delete(file) && files.size === 0) this.#files.delete(name);
  }

  get(name: string): ReadonlySet<string> | undefined {
    return this.#files.get(name);
  }
}
