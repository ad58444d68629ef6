import type { SourceText } from "./source-text.ts";
import { NO_UNIT, type Unit, type UnitMap } from "./unit.ts";

/**
 * Gives each line of a file to one unit.
 *
 * Units are painted in the order of the text, containers before their members. A member takes its
 * lines from its container; a unit that begins on the line where the one before it ends becomes
 * part of that one, because a line cannot be divided.
 */
export class UnitPainter {
  readonly #source: SourceText;
  readonly #units: Unit[] = [];
  readonly #owners: Int32Array;

  constructor(source: SourceText) {
    this.#source = source;
    this.#owners = new Int32Array(source.lineCount + 1).fill(NO_UNIT);
  }

  /** The unit that has line `number`, as an index. */
  ownerOf(number: number): number {
    return this.#owners[number] ?? NO_UNIT;
  }

  /**
   * Paints `unit` over what its container, or nothing, had.
   *
   * @param container index of the unit it is a member of.
   * @returns its index, or that of the unit it became part of.
   */
  add(unit: Unit, container: number = NO_UNIT): number {
    const holder = this.ownerOf(unit.first);
    if (holder !== container && holder !== NO_UNIT) {
      this.extend(holder, unit.last, container);
      return holder;
    }
    const index = this.#units.push(unit) - 1;
    for (let line = unit.first; line <= unit.last; line += 1) {
      if (this.#owners[line] === container) this.#owners[line] = index;
    }
    return index;
  }

  /** Adds the lines after a unit, up to `last`, to it. */
  extend(index: number, last: number, container: number): void {
    const unit = this.#units[index] as Unit;
    for (let line = unit.last + 1; line <= last; line += 1) {
      if (this.#owners[line] === container) this.#owners[line] = index;
    }
    unit.last = Math.max(unit.last, last);
  }

  /** Takes lines from a unit again, so that they are nobody's. */
  release(index: number, first: number, last: number): void {
    for (let line = first; line <= last; line += 1) {
      if (this.#owners[line] === index) this.#owners[line] = NO_UNIT;
    }
  }

  /** The result, in which blank lines at the edges of units belong to nobody. */
  finish(): UnitMap {
    for (const [index, unit] of this.#units.entries()) {
      unit.first = this.#releaseBlank(index, unit.first, unit.last, 1);
      unit.last = this.#releaseBlank(index, unit.last, unit.first, -1);
    }
    return { units: this.#units, owners: this.#owners };
  }

  /** Walks from `from` to `to`, frees blank lines, and returns the first line that stays. */
  #releaseBlank(index: number, from: number, to: number, step: 1 | -1): number {
    for (let line = from; line !== to + step; line += step) {
      if (this.#owners[line] !== index) continue;
      if (!this.#source.isBlank(line)) return line;
      this.#owners[line] = NO_UNIT;
    }
    return from;
  }
}
