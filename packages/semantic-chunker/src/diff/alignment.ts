import type { FilePatch, Row } from "./patch.ts";

/** Finds, for lines of either file, where they stand in the other and in the patch. */
export class Alignment {
  readonly #patch: FilePatch;
  readonly #oldRows = new Map<number, number>();
  readonly #newRows = new Map<number, number>();

  constructor(patch: FilePatch) {
    this.#patch = patch;
    for (const [index, row] of patch.rows.entries()) {
      if (row.sign !== "+") this.#oldRows.set(row.old, index);
      if (row.sign !== "-") this.#newRows.set(row.new, index);
    }
  }

  /** Row of an old line, as an index; undefined outside the hunks. */
  rowOfOld(line: number): number | undefined {
    return this.#oldRows.get(line);
  }

  /** Row of a new line, as an index; undefined outside the hunks. */
  rowOfNew(line: number): number | undefined {
    return this.#newRows.get(line);
  }

  /** The new line that stands where old line `line` stood, or that follows it if it is gone. */
  newAt(line: number): number {
    const row = this.#row(this.#oldRows, line);
    return row ? row.new : line + this.#shift((hunk) => hunk.oldStart + hunk.oldCount, line);
  }

  /** The old line that stood where new line `line` stands, or that follows it if it is added. */
  oldAt(line: number): number {
    const row = this.#row(this.#newRows, line);
    return row ? row.old : line - this.#shift((hunk) => hunk.newStart + hunk.newCount, line);
  }

  #row(rows: Map<number, number>, line: number): Row | undefined {
    const index = rows.get(line);
    return index === undefined ? undefined : this.#patch.rows[index];
  }

  /** By how many lines the hunks that end at or before `line` lengthen the file. */
  #shift(endOf: (hunk: FilePatch["hunks"][number]) => number, line: number): number {
    const { hunks } = this.#patch;
    let low = 0;
    let high = hunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const hunk = hunks[middle] as FilePatch["hunks"][number];
      if (endOf(hunk) <= line) low = middle + 1;
      else high = middle;
    }
    const last = hunks[low - 1];
    if (!last) return 0;
    return last.newStart + last.newCount - (last.oldStart + last.oldCount);
  }
}
