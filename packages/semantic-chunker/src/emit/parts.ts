import type { FileChange } from "../match/file-change.ts";
import { textOf } from "../match/file-change.ts";
import type { UnitChange } from "../match/unit-change.ts";
import { type CodeRow, rowsOfChange } from "./code-row.ts";
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

/** The whole code of a change's unit on each side; null where it is absent. */
export function codeOf(change: UnitChange): { old: string | null; new: string | null } {
  if (change.hunk === null) {
    return {
      old: change.old && textOf(change.old),
      new: change.new && textOf(change.new),
    };
  }
  const rows = rowsOfChange(change)[0] ?? [];
  return { old: sideText(rows, "old"), new: sideText(rows, "new") };
}

/**
 * Divides a change into parts of which neither side is longer than `maxBytes`. Parts in which
 * nothing changed are left out.
 *
 * @param changed rows given to the change, by file.
 */
export function partsOf(
  change: UnitChange,
  code: { old: string | null; new: string | null },
  changed: Map<FileChange, number[]>,
  maxBytes: number,
): Part[] {
  const rows = rowsOfChange(change);
  const isShort = [code.old, code.new].every((text) => byteLength(text) <= maxBytes);
  const lists = isShort
    ? rows.map((list) => [list])
    : rows.map((list) => splitRows(list, maxBytes));
  const count = Math.max(...lists.map((list) => list.length));
  const groups = Array.from({ length: count }, (_, index) =>
    lists.flatMap((list) => list[index] ?? []),
  );
  const homes = homesOf(change, groups, changed);
  const parts: Part[] = [];
  for (const [index, group] of groups.entries()) {
    const indexes = homes[index] ?? new Map<FileChange, number[]>();
    const texts = [...indexes].map(([file, list]) =>
      patchText(file.patch, withContext(file, list, change, group)),
    );
    const additions = texts.reduce((sum, text) => sum + text.additions, 0);
    const deletions = texts.reduce((sum, text) => sum + text.deletions, 0);
    if (additions + deletions === 0) continue;
    parts.push({
      part: count > 1 ? { index, count } : null,
      oldCode: count > 1 ? sideOrNull(code.old, group, "old") : code.old,
      newCode: count > 1 ? sideOrNull(code.new, group, "new") : code.new,
      oldRange: rangeOf(group, "old"),
      newRange: rangeOf(group, "new"),
      patch: texts.map((text) => text.text).join(""),
      additions,
      deletions,
    });
  }
  return parts;
}

/** Which of a change's rows go with which part: a row that is in none goes with the one before. */
function homesOf(
  change: UnitChange,
  groups: CodeRow[][],
  changed: Map<FileChange, number[]>,
): Map<FileChange, number[]>[] {
  const homes = groups.map(() => new Map<FileChange, number[]>());
  const sides = { old: new Map<number, number>(), new: new Map<number, number>() };
  for (const [index, group] of groups.entries()) {
    for (const row of group) {
      if (row.old > 0) sides.old.set(row.old, index);
      if (row.new > 0) sides.new.set(row.new, index);
    }
  }
  const oldFile = change.old?.file ?? change.file;
  const newFile = change.new?.file ?? change.file;
  for (const [file, indexes] of [...changed].sort(([a]) => (a === oldFile ? -1 : 1))) {
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
  change: UnitChange,
  group: CodeRow[],
): number[] {
  const all = new Set(indexes);
  const { alignment, patch } = file;
  const add = (index: number | undefined) => {
    if (index !== undefined && patch.rows[index]?.sign === " ") all.add(index);
  };
  for (const row of group) {
    if (row.old > 0 && (change.old?.file ?? file) === file) add(alignment.rowOfOld(row.old));
    if (row.new > 0 && (change.new?.file ?? file) === file) add(alignment.rowOfNew(row.new));
  }
  return [...all].sort((a, b) => a - b);
}

function rangeOf(rows: CodeRow[], side: "old" | "new"): [number, number] | null {
  const lines = rows.map((row) => row[side]).filter((line) => line > 0);
  const [first] = lines;
  return first === undefined ? null : [first, lines.at(-1) ?? first];
}

/** A part may lack a side that its unit has. */
const sideOrNull = (whole: string | null, rows: CodeRow[], side: "old" | "new") =>
  whole === null ? null : (sideText(rows, side) ?? "");

function sideText(rows: CodeRow[], side: "old" | "new"): string | null {
  const lines = rows.filter((row) => row[side] > 0).map((row) => row.text);
  return lines.length === 0 ? null : lines.join("\n");
}

const byteLength = (text: string | null) => (text === null ? 0 : Buffer.byteLength(text));
