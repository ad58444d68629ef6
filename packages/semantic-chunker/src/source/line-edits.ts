import type { FilePatch } from "../diff/patch.ts";
import type { SourceText } from "./source-text.ts";

/** Lines of a text that stand in the place of lines of another; `oldEnd` and `newEnd` are behind the last. */
export interface LineEdit {
  old: number;
  oldEnd: number;
  new: number;
  newEnd: number;
}

/**
 * The edits that make one text of the other, in order. Between two of them stands at least one line.
 *
 * @returns undefined if the texts differ elsewhere, too: they are not those of the patch.
 */
export function lineEdits(
  before: SourceText,
  after: SourceText,
  patch: FilePatch,
): LineEdit[] | undefined {
  const edits = editsOf(patch);
  let [old, fresh] = [0, 0];
  const isSame = (oldEnd: number, newEnd: number) =>
    oldEnd >= old &&
    newEnd >= fresh &&
    before.text.slice(old, oldEnd) === after.text.slice(fresh, newEnd);
  for (const edit of edits) {
    if (!isSame(before.offsetOf(edit.old), after.offsetOf(edit.new))) return undefined;
    old = before.offsetOf(edit.oldEnd);
    fresh = after.offsetOf(edit.newEnd);
  }
  return isSame(before.text.length, after.text.length) ? edits : undefined;
}

function editsOf({ rows }: FilePatch): LineEdit[] {
  const edits: LineEdit[] = [];
  let last: LineEdit | undefined;
  for (const row of rows) {
    if (row.sign === " ") {
      last = undefined;
      continue;
    }
    // The next hunk may begin right behind this one, but not with these lines.
    if (!last || row.old > last.oldEnd || row.new > last.newEnd) {
      last = { old: row.old, oldEnd: row.old, new: row.new, newEnd: row.new };
      edits.push(last);
    }
    if (row.sign === "-") last.oldEnd = row.old + 1;
    else last.newEnd = row.new + 1;
  }
  return edits;
}
