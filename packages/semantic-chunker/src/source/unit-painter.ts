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

  /**
   * The result, in which blank lines at the edges of units, and between members, belong to nobody.
   */
  finish(): UnitMap {
    this.#releaseBlankLines();
    for (const unit of this.#units) unit.first = 0;
    for (let line = 1; line <= this.#source.lineCount; line += 1) {
      const unit = this.#units[this.ownerOf(line)];
      if (!unit) continue;
      if (unit.first === 0) unit.first = line;
      unit.last = line;
    }
    return { units: this.#units, owners: this.#owners };
  }

  /** Blank lines stay with a unit only where it has the text on both sides. */
  #releaseBlankLines(): void {
    const { lineCount } = this.#source;
    let before = NO_UNIT;
    for (let line = 1; line <= lineCount; line += 1) {
      if (!this.#source.isBlank(line)) {
        before = this.ownerOf(line);
        continue;
      }
      const start = line;
      while (line < lineCount && this.#source.isBlank(line + 1)) line += 1;
      const after = line < lineCount ? this.ownerOf(line + 1) : NO_UNIT;
      for (let blank = start; blank <= line; blank += 1) {
        if (before !== after || this.ownerOf(blank) !== before) this.#owners[blank] = NO_UNIT;
      }
    }
  }
}
