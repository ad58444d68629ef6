/** Characters at the beginning of a line in which a commit's own id stands. */
const HEAD = 400;

/** Ids that are kept. */
const KEPT = 3;

/** Fewer equal digits at the beginning are chance. */
const MIN_EQUAL = 4;

/** The ids that begin most like one that was sought, out of the lines of a history. */
export class NearIds {
  readonly #wanted: string;
  #best: { id: string; equal: number }[] = [];

  constructor(wanted: string) {
    this.#wanted = wanted;
  }

  /** Looks at the commit of a line. */
  see(line: string): void {
    const id = /"hash": ?"([0-9a-f]+)"/.exec(line.slice(0, HEAD))?.[1] ?? "";
    let equal = 0;
    while (equal < id.length && id[equal] === this.#wanted[equal]) equal += 1;
    if (equal < MIN_EQUAL) return;
    this.#best.push({ id, equal });
    this.#best.sort((a, b) => b.equal - a.equal);
    this.#best.length = Math.min(KEPT, this.#best.length);
  }

  /** Shortened to 12 digits, the nearest first. */
  get ids(): string[] {
    return this.#best.map(({ id }) => id.slice(0, 12));
  }
}
