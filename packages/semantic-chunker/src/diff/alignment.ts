import type { FilePatch, Hunk, Row } from "./patch.ts";

/** A side of a diff. */
type Side = "old" | "new";

/** Finds, for lines of either file, where they stand in the other and in the patch. */
export class Alignment {
  readonly #patch: FilePatch;
  /** Rows of the lines that a side has in the hunks, one after the other. */
  readonly #rows: Record<Side, Int32Array>;
  /** Where each hunk's lines begin there. */
  readonly #starts: Record<Side, Int32Array>;

  constructor(patch: FilePatch) {
    this.#patch = patch;
    this.#rows = { old: rowsOf(patch, "+"), new: rowsOf(patch, "-") };
    this.#starts = { old: startsOf(patch, "oldCount"), new: startsOf(patch, "newCount") };
  }

  /** Row of an old line, as an index; undefined outside the hunks. */
  rowOfOld(line: number): number | undefined {
    return this.#rowOf("old", line);
  }

  /** Row of a new line, as an index; undefined outside the hunks. */
  rowOfNew(line: number): number | undefined {
    return this.#rowOf("new", line);
  }

  /** The new line that stands where old line `line` stood, or that follows it if it is gone. */
  newAt(line: number): number {
    const row = this.#row(this.rowOfOld(line));
    return row ? row.new : line + this.#shift("old", line);
  }

  /** The old line that stood where new line `line` stands, or that follows it if it is added. */
  oldAt(line: number): number {
    const row = this.#row(this.rowOfNew(line));
    return row ? row.old : line - this.#shift("new", line);
  }

  /** Rows, as indexes, of those of some lines of a side, ascending, that the patch shows unchanged. */
  contextRows(side: Side, lines: readonly number[]): number[] {
    const { hunks, rows } = this.#patch;
    const found: number[] = [];
    let at = 0;
    for (let hunk = this.#hunksBefore(side, lines[0] ?? 0); hunk < hunks.length; hunk += 1) {
      const { start, end } = hunks[hunk] as Hunk;
      for (let index = start; index < end; index += 1) {
        const row = rows[index] as Row;
        if (row.sign !== " ") continue;
        const line = row[side];
        while ((lines[at] ?? line) < line) at += 1;
        if (at === lines.length) return found;
        if (lines[at] === line) found.push(index);
      }
    }
    return found;
  }

  #row(index: number | undefined): Row | undefined {
    return index === undefined ? undefined : this.#patch.rows[index];
  }

  #rowOf(side: Side, line: number): number | undefined {
    const index = this.#hunksBefore(side, line);
    const hunk = this.#patch.hunks[index];
    if (!hunk) return undefined;
    const offset = line - (side === "old" ? hunk.oldStart : hunk.newStart);
    return offset < 0 ? undefined : this.#rows[side][(this.#starts[side][index] ?? 0) + offset];
  }

  /** By how many lines the hunks that end at or before `line` lengthen the file. */
  #shift(side: Side, line: number): number {
    const last = this.#patch.hunks[this.#hunksBefore(side, line) - 1];
    if (!last) return 0;
    return last.newStart + last.newCount - (last.oldStart + last.oldCount);
  }

  /** How many hunks end at or before `line`. */
  #hunksBefore(side: Side, line: number): number {
    const { hunks } = this.#patch;
    let low = 0;
    let high = hunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const hunk = hunks[middle] as Hunk;
      const end = side === "old" ? hunk.oldStart + hunk.oldCount : hunk.newStart + hunk.newCount;
      if (end <= line) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Rows of all lines of one side, in order: those without the other side's sign. */
function rowsOf({ rows }: FilePatch, other: Row["sign"]): Int32Array {
  const result = new Int32Array(rows.length);
  let count = 0;
  for (const [index, row] of rows.entries()) {
    if (row.sign === other) continue;
    result[count] = index;
    count += 1;
  }
  return result.subarray(0, count);
}

function startsOf({ hunks }: FilePatch, count: "oldCount" | "newCount"): Int32Array {
  const starts = new Int32Array(hunks.length);
  let next = 0;
  for (const [index, hunk] of hunks.entries()) {
    starts[index] = next;
    next += hunk[count];
  }
  return starts;
}
