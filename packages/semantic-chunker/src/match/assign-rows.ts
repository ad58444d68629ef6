import type { UnitOp } from "@repotune/schema";
import type { Hunk, Row } from "../diff/patch.ts";
import type { FileChange } from "./file-change.ts";
import type { UnitChange } from "./unit-change.ts";

/**
 * Gives every changed row of every file to exactly one unit change, in `FileChange.owners`.
 *
 * A row is its unit's. Blank lines between units, and lines that a diff attributes to a unit whose
 * text did not change (a closing brace may be matched with the one of its neighbour), go with the
 * nearest change in their hunk. Where there is none, they are a change of their own.
 *
 * @param equal units that the diff touches although their text is the same.
 * @returns the changes that had to be added.
 */
export function assignRows(
  files: FileChange[],
  changes: UnitChange[],
  equal: UnitChange[],
): UnitChange[] {
  const owners = new Owners(changes);
  const fallbacks = new Owners(equal);
  const added = new Set<UnitChange>();
  for (const file of files) {
    if (!file.old && !file.new) {
      for (const change of hunkChanges(file)) added.add(change);
      continue;
    }
    const ownerOf = owners.in(file);
    for (const [index, row] of file.patch.rows.entries()) file.owners[index] = ownerOf(row);
    for (const hunk of file.patch.hunks) {
      for (const change of settle(file, hunk, fallbacks)) added.add(change);
    }
  }
  return [...added];
}

/** Finds the change that a row's unit takes part in. */
class Owners {
  readonly #files = new Map<FileChange, { old: UnitChange[]; new: UnitChange[] }>();

  constructor(changes: UnitChange[]) {
    for (const change of changes) {
      for (const ref of [change.old, change.new]) {
        if (!ref) continue;
        const entry = this.#files.get(ref.file) ?? { old: [], new: [] };
        entry[ref.side][ref.index] = change;
        this.#files.set(ref.file, entry);
      }
    }
  }

  /** Finds it for the rows of one file. */
  in(file: FileChange): (row: Row) => UnitChange | undefined {
    const changes = this.#files.get(file);
    return (row) => {
      if (row.sign === " " || !changes) return undefined;
      const side = row.sign === "-" ? "old" : "new";
      const unit = file[side]?.map.owners[row[side]] ?? -1;
      return unit < 0 ? undefined : changes[side][unit];
    };
  }
}

/** Gives the rows of a hunk that have no owner yet to the nearest change in it. */
function settle(file: FileChange, hunk: Hunk, fallbacks: Owners): UnitChange[] {
  const { rows } = file.patch;
  const owned: number[] = [];
  for (let index = hunk.start; index < hunk.end; index += 1) {
    if (file.owners[index]) owned.push(index);
  }
  const added: UnitChange[] = [];
  let own: UnitChange | undefined;
  let next = 0;
  for (let index = hunk.start; index < hunk.end; index += 1) {
    const row = rows[index] as Row;
    if (row.sign === " " || file.owners[index]) continue;
    while (next < owned.length && (owned[next] ?? 0) < index) next += 1;
    const after = owned[next];
    const before = owned[next - 1];
    const nearest =
      before !== undefined && (after === undefined || index - before < after - index)
        ? before
        : after;
    if (nearest !== undefined) {
      file.owners[index] = file.owners[nearest];
      continue;
    }
    own ??= fallbacks.in(file)(row) ?? hunkChange(file, rows[hunk.start]?.hunk ?? 0);
    file.owners[index] = own;
  }
  if (own) added.push(own);
  return added;
}

/** For a file that is not cut by syntax, each hunk is a unit. */
function hunkChanges(file: FileChange): UnitChange[] {
  return file.patch.hunks.map((hunk, number) => {
    const change = hunkChange(file, number);
    for (let index = hunk.start; index < hunk.end; index += 1) {
      if (file.patch.rows[index]?.sign !== " ") file.owners[index] = change;
    }
    return change;
  });
}

const hunkChange = (file: FileChange, hunk: number): UnitChange => ({
  op: opOfHunk(file, hunk),
  file,
  old: null,
  new: null,
  hunk,
});

function opOfHunk({ diff, patch }: FileChange, hunk: number): UnitOp {
  if (diff.change_type === "A") return "added";
  if (diff.change_type === "D") return "removed";
  if (diff.change_type !== "T") return "modified";
  // A change of type removes the one and adds the other.
  return patch.hunks[hunk]?.newCount === 0 ? "removed" : "added";
}
