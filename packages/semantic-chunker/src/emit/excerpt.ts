import type { FileChange } from "../match/file-change.ts";
import type { UnitChange } from "../match/unit-change.ts";
import { rowsOfHunk } from "./code-row.ts";
import { type Passage, passageOf, passageText } from "./passage.ts";

/** What is told of a unit's change, or of the changes of several that follow one another. */
export interface Excerpt {
  /** Where it is reported. */
  file: FileChange;
  /** Null on a side where there is nothing, and for hunks. */
  old: Passage | null;
  new: Passage | null;
  /** For a file that is not cut by syntax: the hunk. */
  hunk: number | null;
  /** The whole code on each side; null where it is absent. */
  code: { old: string | null; new: string | null };
  /** Rows given to the changes, by file, as ascending indexes. */
  changed: ReadonlyMap<FileChange, number[]>;
}

/**
 * Puts together what is told of changes.
 *
 * @param changes of one unit or hunk, or of units that follow one another on both sides.
 * @param changed rows given to each.
 */
export function excerptOf(
  changes: UnitChange[],
  changed: ReadonlyMap<FileChange, number[]>[],
): Excerpt {
  const [first] = changes as [UnitChange];
  const { file, hunk } = first;
  if (hunk !== null) {
    const rows = rowsOfHunk(file, hunk);
    const code = { old: sideText(rows, "old"), new: sideText(rows, "new") };
    return { file, old: null, new: null, hunk, code, changed: merged(changed) };
  }
  const old = passageOf(changes.flatMap((change) => change.old ?? []));
  const fresh = passageOf(changes.flatMap((change) => change.new ?? []));
  const code = { old: old && passageText(old), new: fresh && passageText(fresh) };
  return { file, old, new: fresh, hunk, code, changed: merged(changed) };
}

/** The text that rows have on one side, without the last line feed; null if they have none. */
export function sideText(
  rows: { text: string; old: number; new: number }[],
  side: "old" | "new",
): string | null {
  const lines = rows.filter((row) => row[side] > 0).map((row) => row.text);
  return lines.length === 0 ? null : lines.join("\n");
}

function merged(maps: ReadonlyMap<FileChange, number[]>[]): ReadonlyMap<FileChange, number[]> {
  const [first] = maps;
  if (first && maps.length === 1) return first;
  const result = new Map<FileChange, number[]>();
  for (const map of maps) {
    for (const [file, rows] of map) result.set(file, [...(result.get(file) ?? []), ...rows]);
  }
  for (const rows of result.values()) rows.sort((a, b) => a - b);
  return result;
}
