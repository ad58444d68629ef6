import type { FilePatch } from "../diff/patch.ts";
import type { SourceText } from "./source-text.ts";

/** A place in a text: line and column from 0, in UTF-16 code units. */
interface Position {
  row: number;
  column: number;
}

/** A stretch of a text that was replaced, as tree-sitter wants to know it. */
export interface TextEdit {
  startIndex: number;
  oldEndIndex: number;
  newEndIndex: number;
  startPosition: Position;
  oldEndPosition: Position;
  newEndPosition: Position;
}

/** Lines of either side that a patch shows as changed; all others are the same. */
interface ChangedLines {
  old: number;
  oldEnd: number;
  new: number;
  newEnd: number;
}

/**
 * The edits that make one text of the other, the last one first, so that each leaves the places of
 * those still to come as they are.
 *
 * @returns undefined if the texts differ elsewhere, too: they are not those of the patch.
 */
export function textEdits(
  before: SourceText,
  after: SourceText,
  patch: FilePatch,
): TextEdit[] | undefined {
  const edits: TextEdit[] = [];
  let old = 0;
  let fresh = 0;
  const isSame = (oldEnd: number, newEnd: number) =>
    oldEnd >= old &&
    newEnd >= fresh &&
    before.text.slice(old, oldEnd) === after.text.slice(fresh, newEnd);
  for (const lines of changedLines(patch)) {
    const [start, newStart] = [before.offsetOf(lines.old), after.offsetOf(lines.new)];
    if (!isSame(start, newStart)) return undefined;
    old = before.offsetOf(lines.oldEnd);
    fresh = after.offsetOf(lines.newEnd);
    const newEnd = after.positionOf(lines.newEnd);
    edits.push({
      startIndex: start,
      oldEndIndex: old,
      newEndIndex: start + fresh - newStart,
      startPosition: before.positionOf(lines.old),
      oldEndPosition: before.positionOf(lines.oldEnd),
      newEndPosition: { row: newEnd.row + lines.old - lines.new, column: newEnd.column },
    });
  }
  return isSame(before.text.length, after.text.length) ? edits.reverse() : undefined;
}

function changedLines({ rows }: FilePatch): ChangedLines[] {
  const result: ChangedLines[] = [];
  let last: ChangedLines | undefined;
  for (const row of rows) {
    if (row.sign === " ") {
      last = undefined;
      continue;
    }
    // The next hunk may begin right behind this one, but not with these lines.
    if (!last || row.old > last.oldEnd || row.new > last.newEnd) {
      last = { old: row.old, oldEnd: row.old, new: row.new, newEnd: row.new };
      result.push(last);
    }
    if (row.sign === "-") last.oldEnd = row.old + 1;
    else last.newEnd = row.new + 1;
  }
  return result;
}
