import type { UnitRef } from "../match/file-change.ts";
import { NO_UNIT, type Unit } from "../source/unit.ts";
import type { ToldChange } from "./told-change.ts";

/**
 * Puts changes of tiny units that follow one another together.
 *
 * They are of one kind, in one module and type, and the same happened to all; on neither side does
 * anything but blank lines stand between them; and all together are at most `maxBytes` long there.
 *
 * @param told changes in one file, in the order of its lines.
 */
export function groupNeighbours(told: ToldChange[], maxBytes: number): ToldChange[][] {
  const groups: ToldChange[][] = [];
  for (const next of told) {
    const group = groups.at(-1);
    if (group && isJoined(group, next, maxBytes)) group.push(next);
    else groups.push([next]);
  }
  return groups;
}

function isJoined(group: ToldChange[], next: ToldChange, maxBytes: number): boolean {
  const [first] = group;
  const last = group.at(-1);
  if (!first || !last || !isAlike(last, next)) return false;
  return (["old", "new"] as const).every((side) => {
    const [start, before, after] = [first, last, next].map(({ change }) => change[side]);
    if (!start || !before || !after) return start === after;
    return isNext(before, after) && isShort(start, after, maxBytes);
  });
}

function isAlike(a: ToldChange, b: ToldChange): boolean {
  const [unit, other] = [unitOf(a), unitOf(b)];
  return (
    a.change.op === b.change.op &&
    a.classification.change_type === b.classification.change_type &&
    a.classification.change_type_source === b.classification.change_type_source &&
    a.classification.confidence === b.classification.confidence &&
    a.classification.is_cosmetic === b.classification.is_cosmetic &&
    unit !== undefined &&
    other !== undefined &&
    unit.kind === other.kind &&
    unit.container === other.container &&
    unit.scope.join("\0") === other.scope.join("\0") &&
    outerSection(unit) === outerSection(other)
  );
}

const unitOf = ({ change }: ToldChange) => (change.new ?? change.old)?.unit;

/** The heading path around a section, or what stands before a key. */
const outerSection = ({ section, name }: Unit) =>
  section?.slice(0, section.length - (name ?? section).length);

/** Whether nothing but blank lines stands between two units, of which neither has members. */
function isNext(before: UnitRef, after: UnitRef): boolean {
  if (before.file !== after.file) return false;
  const owners = before.file[before.side]?.map.owners;
  if (!owners || after.unit.first <= before.unit.last) return false;
  for (let line = before.unit.first; line <= after.unit.last; line += 1) {
    const owner =
      line <= before.unit.last ? before.index : line < after.unit.first ? NO_UNIT : after.index;
    if (owners[line] !== owner) return false;
  }
  return true;
}

function isShort(start: UnitRef, after: UnitRef, maxBytes: number): boolean {
  const text = start.file[start.side]?.source.lines(start.unit.first, after.unit.last);
  return text !== undefined && text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes;
}
