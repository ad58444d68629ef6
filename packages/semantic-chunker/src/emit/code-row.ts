import type { FileChange } from "../match/file-change.ts";
import { alignTexts } from "./align-texts.ts";
import type { Passage } from "./passage.ts";

/** A line of a unit. */
export interface CodeRow {
  /** Line in the old file; 0 if it is not in the old unit. */
  old: number;
  /** Line in the new file; 0 if it is not in the new unit. */
  new: number;
  text: string;
  /** How well the unit is cut before it, where that is known: a `CutDepth`. */
  depth: number | undefined;
}

/** The rows of a hunk. */
export function rowsOfHunk({ patch }: FileChange, hunk: number): CodeRow[] {
  const { start, end } = patch.hunks[hunk] ?? { start: 0, end: 0 };
  return patch.rows.slice(start, end).map((row) => ({
    text: row.text,
    old: row.sign === "+" ? 0 : row.old,
    new: row.sign === "-" ? 0 : row.new,
    depth: undefined,
  }));
}

/**
 * The rows of a unit that is on one side, or on both: then in an order in which what corresponds
 * stands together, so that one cut divides both sides at the same place.
 */
export function rowsOfPassages(old: Passage | null, fresh: Passage | null): CodeRow[] {
  if (!old || !fresh) return [old, fresh].flatMap((passage) => (passage ? rowsOf(passage) : []));
  const before = rowsOf(old);
  const after = rowsOf(fresh);
  const pairs = old.file === fresh.file ? contextPairs(old.file, before, after) : [];
  // A unit that moved within its file is aligned with nothing there.
  const isInPlace = pairs.length * 2 > Math.min(before.length, after.length);
  return isInPlace ? alignAlong(pairs, before, after) : alignTexts(before, after);
}

function rowsOf({ file, side, lines }: Passage): CodeRow[] {
  const content = file[side];
  const isOld = side === "old";
  return lines.map((line) => ({
    text: content?.source.line(line) ?? "",
    old: isOld ? line : 0,
    new: isOld ? 0 : line,
    depth: content?.map.cuts?.[line],
  }));
}

/** Indexes of rows that are the same line by the diff. */
function contextPairs(file: FileChange, before: CodeRow[], after: CodeRow[]): [number, number][] {
  const { alignment, patch } = file;
  const pairs: [number, number][] = [];
  // Lines ascend on both sides.
  let place = 0;
  for (const [index, { old }] of before.entries()) {
    const row = alignment.rowOfOld(old);
    if (row !== undefined && patch.rows[row]?.sign !== " ") continue;
    const line = alignment.newAt(old);
    while ((after[place]?.new ?? line) < line) place += 1;
    if (after[place]?.new === line) pairs.push([index, place]);
  }
  return pairs;
}

/** Makes one row of each pair, and aligns what lies between pairs by its text. */
function alignAlong(pairs: [number, number][], before: CodeRow[], after: CodeRow[]): CodeRow[] {
  const rows: CodeRow[] = [];
  let [nextOld, nextNew] = [0, 0];
  /** Aligns what lies before a pair, which mostly is nothing. */
  const align = (oldEnd: number, newEnd: number) => {
    if (oldEnd === nextOld && newEnd === nextNew) return;
    const list = alignTexts(before.slice(nextOld, oldEnd), after.slice(nextNew, newEnd));
    for (const row of list) rows.push(row);
  };
  for (const [i, j] of pairs) {
    align(i, j);
    const row = after[j];
    if (row) rows.push({ ...row, old: before[i]?.old ?? 0 });
    [nextOld, nextNew] = [i + 1, j + 1];
  }
  align(before.length, after.length);
  return rows;
}
