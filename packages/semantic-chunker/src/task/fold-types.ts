import { isType, type Owner, ownerOf } from "./owner.ts";
import { type Subject, subjectOf } from "./subject.ts";
import type { TaskUnit } from "./task-unit.ts";

/**
 * The subjects of units of code in one file. Members go with their type if it came, went or moved as a
 * whole, or with the `impl` of a trait that did.
 */
export function foldTypes(units: TaskUnit[]): Subject[] {
  const homes = new Map<string, Subject>();
  for (const unit of units) {
    const owner = ownerOf(unit);
    if (owner && isType(unit) && isWhole(unit)) {
      homes.set(typeKey(unit, owner), { ...subjectOf(unit), lines: 0 });
    }
  }
  for (const unit of units) {
    const owner = ownerOf(unit);
    if (unit.kind !== "impl" || !owner?.trait || !isWhole(unit)) continue;
    if (homes.has(typeKey(unit, owner))) continue;
    homes.set(traitKey(unit, owner), { ...implementation(unit, owner), lines: 0 });
  }
  const subjects = new Set<Subject>();
  const isMember = (unit: TaskUnit) => unit.function_name !== null;
  const owners = new Set(units.filter(isMember).map((unit) => containerKey(unit)));
  for (const unit of units) {
    const owner = isWhole(unit) ? ownerOf(unit) : null;
    const home = owner && (homes.get(typeKey(unit, owner)) ?? homes.get(traitKey(unit, owner)));
    if (home) {
      home.lines += unit.lines;
      subjects.add(home);
      continue;
    }
    // The header of an `impl` says nothing beside its functions.
    if (unit.kind === "impl" && owners.has(containerKey(unit))) continue;
    subjects.add(subjectOf(unit));
  }
  return [...subjects];
}

/** Whether the unit came, went or moved, and did not only change. */
const isWhole = ({ op }: TaskUnit) => op === "added" || op === "removed" || op === "moved";

const typeKey = ({ op, module_path }: TaskUnit, { type }: Owner) => `${op} ${module_path} ${type}`;

const traitKey = (unit: TaskUnit, owner: Owner) =>
  `${typeKey(unit, owner)} ${owner.trait ?? "alone"}`;

function containerKey(unit: TaskUnit): string {
  const owner = ownerOf(unit);
  return `${unit.module_path} ${owner?.type} ${owner?.trait}`;
}

/** An `impl` of a trait: what lies in the type is the trait. */
function implementation(unit: TaskUnit, { type, trait }: Owner): Subject {
  const subject = subjectOf(unit);
  const verb = unit.op === "added" ? "implement" : subject.verb;
  if (verb !== "implement") return { ...subject, name: `<${type} as ${trait}>` };
  const place = subject.placeKind === "module" ? `${subject.place}::${type}` : type;
  return { ...subject, verb, place, placeKind: "type", name: trait ?? "" };
}
