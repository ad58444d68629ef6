import type { FileChange, UnitRef } from "../match/file-change.ts";
import { linesOf } from "../match/file-change.ts";
import type { UnitChange } from "../match/unit-change.ts";

/** A line of a unit on one or both sides. */
export interface CodeRow {
  text: string;
  /** Line in the old file; 0 if the row is not in the old unit. */
  old: number;
  /** Line in the new file; 0 if the row is not in the new unit. */
  new: number;
}

/** The rows of a hunk. */
function rowsOfHunk({ patch }: FileChange, hunk: number): CodeRow[] {
  const { start, end } = patch.hunks[hunk] ?? { start: 0, end: 0 };
  return patch.rows.slice(start, end).map((row) => ({
    text: row.text,
    old: row.sign === "+" ? 0 : row.old,
    new: row.sign === "-" ? 0 : row.new,
  }));
}

/** The rows of a unit that is on one side. */
function rowsOfUnit(ref: UnitRef): CodeRow[] {
  const source = ref.file[ref.side]?.source;
  const isOld = ref.side === "old";
  return linesOf(ref).map((line) => ({
    text: source?.line(line) ?? "",
    old: isOld ? line : 0,
    new: isOld ? 0 : line,
  }));
}

/**
 * The rows of a unit that is on both sides of one file, in the order of the diff: lines that the
 * diff takes for the same are one row.
 */
function alignedRows(file: FileChange, old: UnitRef, fresh: UnitRef): CodeRow[] {
  const before = rowsOfUnit(old);
  const after = rowsOfUnit(fresh);
  const { alignment } = file;
  const rows: CodeRow[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const removed = before[i];
    const added = after[j];
    const counterpart = removed ? alignment.newAt(removed.old) : 0;
    if (removed && added && counterpart === added.new && isContext(file, removed.old)) {
      rows.push({ text: added.text, old: removed.old, new: added.new });
      i += 1;
      j += 1;
      continue;
    }
    // Along the diff, the sum of both positions only grows.
    const oldPlace = removed ? removed.old + counterpart : Number.POSITIVE_INFINITY;
    const newPlace = added ? added.new + alignment.oldAt(added.new) : Number.POSITIVE_INFINITY;
    if (removed && oldPlace <= newPlace) {
      rows.push(removed);
      i += 1;
    } else if (added) {
      rows.push(added);
      j += 1;
    }
  }
  return rows;
}

/** Whether an old line is in the new file, too. */
function isContext(file: FileChange, oldLine: number): boolean {
  const index = file.alignment.rowOfOld(oldLine);
  return index === undefined || file.patch.rows[index]?.sign === " ";
}

/** The rows of a change, as lists to be divided in parallel: one, or old and new apart. */
export function rowsOfChange({ file, old, new: fresh, hunk }: UnitChange): CodeRow[][] {
  if (hunk !== null) return [rowsOfHunk(file, hunk)];
  if (old && fresh && old.file === fresh.file) {
    const rows = alignedRows(file, old, fresh);
    const common = rows.filter((row) => row.old > 0 && row.new > 0).length;
    // A unit that moved within its file is aligned with nothing.
    if (common * 2 > Math.min(linesOf(old).length, linesOf(fresh).length)) return [rows];
  }
  return [old, fresh].filter((ref) => ref !== null).map(rowsOfUnit);
}
