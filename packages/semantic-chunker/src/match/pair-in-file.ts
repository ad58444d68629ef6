import { type FileChange, linesOf, textOf, type UnitRef } from "./file-change.ts";
import type { UnitChange } from "./unit-change.ts";

/** A unit of which more lines moved than stayed has moved; of fewer, its neighbour has. */
const MOVED_SHARE = 0.5;

/** A file's units after matching those that kept name and place. */
export interface FilePairs {
  changes: UnitChange[];
  /** Pairs that the diff touches although their text is the same. */
  equal: UnitChange[];
  /** Units that have no partner in the file. */
  olds: UnitRef[];
  news: UnitRef[];
}

/**
 * Matches the old units of a file with the new ones of the same key.
 *
 * Of several with one key, those that are compiled under the same condition are matched first, then
 * the rest; either way those with equal text before others, which are matched in order.
 */
export function pairInFile(file: FileChange): FilePairs {
  const olds = refsByKey(file, "old");
  const news = refsByKey(file, "new");
  const touched = { old: countTouched(file, "old"), new: countTouched(file, "new") };
  const share = (ref: UnitRef) => {
    const count = touched[ref.side][ref.index] ?? 0;
    return count === 0 ? 0 : count / linesOf(ref).length;
  };
  const result: FilePairs = { changes: [], equal: [], olds: [], news: [] };
  for (const [key, oldGroup] of olds) {
    const newGroup = news.get(key) ?? [];
    news.delete(key);
    const { pairs, olds: lone, news: fresh } = pairGroup(oldGroup, newGroup);
    for (const ref of lone) result.olds.push(ref);
    for (const ref of fresh) result.news.push(ref);
    for (const [before, after] of pairs) {
      if (share(before) + share(after) === 0) continue;
      const change: UnitChange = { op: "modified", file, old: before, new: after, hunk: null };
      if (textOf(before) !== textOf(after)) result.changes.push(change);
      else if (Math.min(share(before), share(after)) > MOVED_SHARE && !isInPlace(before, after)) {
        result.changes.push({ ...change, op: "moved" });
      } else result.equal.push(change);
    }
  }
  for (const group of news.values()) for (const ref of group) result.news.push(ref);
  return result;
}

/** Whether the diff replaces the one by the other: only the line feed at the file's end differs. */
const isInPlace = ({ file: { alignment }, unit }: UnitRef, after: UnitRef) =>
  alignment.rowOfNew(after.unit.first) === (alignment.rowOfOld(unit.last) ?? -2) + 1;

function refsByKey(file: FileChange, side: "old" | "new"): Map<string, UnitRef[]> {
  const groups = new Map<string, UnitRef[]>();
  for (const [index, unit] of (file[side]?.map.units ?? []).entries()) {
    const group = groups.get(unit.key);
    const ref = { file, side, index, unit };
    if (group) group.push(ref);
    else groups.set(unit.key, [ref]);
  }
  return groups;
}

/** Changed rows of each unit, by its index. */
function countTouched(file: FileChange, side: "old" | "new"): Uint32Array {
  const map = file[side]?.map;
  const counts = new Uint32Array(map?.units.length ?? 0);
  const sign = side === "old" ? "-" : "+";
  for (const row of file.patch.rows) {
    const owner = row.sign === sign ? map?.owners[row[side]] : undefined;
    if (owner !== undefined && owner >= 0) counts[owner] = (counts[owner] ?? 0) + 1;
  }
  return counts;
}

function pairGroup(olds: UnitRef[], news: UnitRef[]) {
  const pairs: [UnitRef, UnitRef][] = [];
  const [old, fresh] = [olds[0], news[0]];
  if (old && fresh && olds.length === 1 && news.length === 1) {
    return { pairs: [[old, fresh]] as [UnitRef, UnitRef][], olds: [], news: [] };
  }
  const texts = new Map([...olds, ...news].map((ref) => [ref, textOf(ref)]));
  const variantOf = ({ unit }: UnitRef) => unit.variant ?? "";
  const likeness: ((ref: UnitRef) => string)[] = [
    (ref) => `${variantOf(ref)}\0${texts.get(ref)}`,
    variantOf,
    (ref) => texts.get(ref) ?? "",
    () => "",
  ];
  let rest = { olds, news };
  for (const keyOf of likeness) {
    const taken = new Set<UnitRef>();
    const free = new Map<string, UnitRef[]>();
    for (const ref of rest.news) {
      const group = free.get(keyOf(ref));
      if (group) group.push(ref);
      else free.set(keyOf(ref), [ref]);
    }
    for (const ref of rest.olds) {
      const match = free.get(keyOf(ref))?.shift();
      if (!match) continue;
      pairs.push([ref, match]);
      taken.add(ref).add(match);
    }
    const isFree = (ref: UnitRef) => !taken.has(ref);
    rest = { olds: rest.olds.filter(isFree), news: rest.news.filter(isFree) };
  }
  return { pairs, ...rest };
}
