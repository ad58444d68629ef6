import type { FileChange } from "../match/file-change.ts";
import { type CodeRow, rowsOfHunk, rowsOfPassages } from "./code-row.ts";
import { type Excerpt, sideText } from "./excerpt.ts";
import { patchText } from "./patch-text.ts";
import { splitRows } from "./split-rows.ts";

/** Lines of either side, ascending. */
type SideLines = Record<"old" | "new", readonly number[]>;

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
    const lines = sideLines(rows);
    if (count === 1) return [partOf(excerpt, lines, changed, code, null)];
    // A part may lack a side that its unit has.
    const side = (name: "old" | "new") =>
      code[name] === null ? null : (sideText(rows, name) ?? "");
    const texts = { old: side("old"), new: side("new") };
    return [partOf(excerpt, lines, changed, texts, { index, count })];
  });
}

function partOf(
  excerpt: Excerpt,
  lines: SideLines,
  changed: Excerpt["changed"],
  code: Excerpt["code"],
  part: Part["part"],
): Part {
  const texts = inOrder(excerpt, changed).map(([file, indexes]) =>
    patchText(file.patch, withContext(file, indexes, excerpt, lines)),
  );
  return {
    part,
    oldCode: code.old,
    newCode: code.new,
    oldRange: rangeOf(lines.old),
    newRange: rangeOf(lines.new),
    patch: texts.map((text) => text.text).join(""),
    additions: texts.reduce((sum, text) => sum + text.additions, 0),
    deletions: texts.reduce((sum, text) => sum + text.deletions, 0),
  };
}

const rowsOf = ({ file, old, new: fresh, hunk }: Excerpt): CodeRow[] =>
  hunk === null ? rowsOfPassages(old, fresh) : rowsOfHunk(file, hunk);

/** The lines of an excerpt that is not divided. */
const linesOf = ({ file, old, new: fresh, hunk }: Excerpt): SideLines =>
  hunk === null
    ? { old: old?.lines ?? [], new: fresh?.lines ?? [] }
    : sideLines(rowsOfHunk(file, hunk));

const sideLines = (rows: CodeRow[]): SideLines => ({
  old: rows.flatMap((row) => (row.old > 0 ? row.old : [])),
  new: rows.flatMap((row) => (row.new > 0 ? row.new : [])),
});

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
  lines: SideLines,
): number[] {
  const { alignment } = file;
  const all = [
    ...indexes,
    ...((old?.file ?? file) === file ? alignment.contextRows("old", lines.old) : []),
    ...((fresh?.file ?? file) === file ? alignment.contextRows("new", lines.new) : []),
  ].sort((a, b) => a - b);
  return all.filter((index, at) => index !== all[at - 1]);
}

function rangeOf(lines: readonly number[]): [number, number] | null {
  const [first] = lines;
  return first === undefined ? null : [first, lines.at(-1) ?? first];
}

const byteLength = (text: string | null) => (text === null ? 0 : Buffer.byteLength(text));
