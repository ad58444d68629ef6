import type { FileChange } from "../match/file-change.ts";
import { type CodeRow, type LinePair, rowsOfHunk, rowsOfPassages } from "./code-row.ts";
import { type Excerpt, sideText } from "./excerpt.ts";
import { patchText } from "./patch-text.ts";
import { splitRows } from "./split-rows.ts";

/** What a chunk says of its part of a unit. */
export interface Part {
  /** Null for a whole unit. */
  part: { index: number; count: number } | null;
  oldCode: string | null;
  newCode: string | null;
  oldRange: [number, number] | null;
  newRange: [number, number] | null;
  patch: string;
  additions: number;
  deletions: number;
}

/**
 * Divides an excerpt into parts of which neither side is longer than `maxBytes`. Parts in which
 * nothing changed are left out.
 */
export function partsOf(excerpt: Excerpt, maxBytes: number): Part[] {
  const { code } = excerpt;
  const isShort = [code.old, code.new].every((text) => byteLength(text) <= maxBytes);
  if (isShort) return [partOf(excerpt, linesOf(excerpt), excerpt.changed, code, null)];
  const groups = splitRows(rowsOf(excerpt), maxBytes);
  const count = groups.length;
  const homes = homesOf(excerpt, groups);
  return groups.flatMap((rows, index) => {
    const changed = homes[index];
    if (!changed || changed.size === 0) return [];
    if (count === 1) return [partOf(excerpt, rows, changed, code, null)];
    // A part may lack a side that its unit has.
    const side = (name: "old" | "new") =>
      code[name] === null ? null : (sideText(rows, name) ?? "");
    const texts = { old: side("old"), new: side("new") };
    return [partOf(excerpt, rows, changed, texts, { index, count })];
  });
}

function partOf(
  excerpt: Excerpt,
  rows: LinePair[],
  changed: Excerpt["changed"],
  code: Excerpt["code"],
  part: Part["part"],
): Part {
  const texts = inOrder(excerpt, changed).map(([file, indexes]) =>
    patchText(file.patch, withContext(file, indexes, excerpt, rows)),
  );
  return {
    part,
    oldCode: code.old,
    newCode: code.new,
    oldRange: rangeOf(rows, "old"),
    newRange: rangeOf(rows, "new"),
    patch: texts.map((text) => text.text).join(""),
    additions: texts.reduce((sum, text) => sum + text.additions, 0),
    deletions: texts.reduce((sum, text) => sum + text.deletions, 0),
  };
}

const rowsOf = ({ file, old, new: fresh, hunk }: Excerpt): CodeRow[] =>
  hunk === null ? rowsOfPassages(old, fresh) : rowsOfHunk(file, hunk);

/** The lines of an excerpt that is not divided, in no order between the sides. */
function linesOf({ file, old, new: fresh, hunk }: Excerpt): LinePair[] {
  if (hunk !== null) return rowsOfHunk(file, hunk);
  const before = old?.lines.map((line) => ({ old: line, new: 0 })) ?? [];
  const after = fresh?.lines.map((line) => ({ old: 0, new: line })) ?? [];
  return [...before, ...after];
}

/** The changed rows, those of the file that a unit came from before those of the one it went to. */
const inOrder = ({ file, old }: Excerpt, changed: Excerpt["changed"]) =>
  [...changed].sort(([a]) => (a === (old?.file ?? file) ? -1 : 1));

/** Which changed rows go with which part: a row that is in none goes with the one before. */
function homesOf(excerpt: Excerpt, groups: CodeRow[][]): Map<FileChange, number[]>[] {
  const homes = groups.map(() => new Map<FileChange, number[]>());
  const sides = { old: new Map<number, number>(), new: new Map<number, number>() };
  for (const [index, group] of groups.entries()) {
    for (const row of group) {
      if (row.old > 0) sides.old.set(row.old, index);
      if (row.new > 0) sides.new.set(row.new, index);
    }
  }
  const oldFile = excerpt.old?.file ?? excerpt.file;
  const newFile = excerpt.new?.file ?? excerpt.file;
  for (const [file, indexes] of inOrder(excerpt, excerpt.changed)) {
    let home = 0;
    for (const index of indexes) {
      const row = file.patch.rows[index];
      if (!row) continue;
      const found =
        row.sign === "-"
          ? file === oldFile && sides.old.get(row.old)
          : file === newFile && sides.new.get(row.new);
      if (typeof found === "number") home = found;
      const map = homes[home];
      const list = map?.get(file);
      if (list) list.push(index);
      else map?.set(file, [index]);
    }
  }
  return homes;
}

/** Adds the lines of the unit that the diff shows unchanged. */
function withContext(
  file: FileChange,
  indexes: number[],
  { old, new: fresh }: Excerpt,
  rows: LinePair[],
): number[] {
  const all = new Set(indexes);
  const { alignment, patch } = file;
  const add = (index: number | undefined) => {
    if (index !== undefined && patch.rows[index]?.sign === " ") all.add(index);
  };
  for (const row of rows) {
    if (row.old > 0 && (old?.file ?? file) === file) add(alignment.rowOfOld(row.old));
    if (row.new > 0 && (fresh?.file ?? file) === file) add(alignment.rowOfNew(row.new));
  }
  return [...all].sort((a, b) => a - b);
}

function rangeOf(rows: LinePair[], side: "old" | "new"): [number, number] | null {
  let range: [number, number] | null = null;
  for (const { [side]: line } of rows) if (line > 0) range = [range?.[0] ?? line, line];
  return range;
}

const byteLength = (text: string | null) => (text === null ? 0 : Buffer.byteLength(text));
