import { groupBy } from "../group-by.ts";
import { foldTypes } from "./fold-types.ts";
import { areaOf, fileSubject, isMinor, type Subject, type Verb, verbOf } from "./subject.ts";
import type { TaskUnit } from "./task-unit.ts";

/** A new file is told by its name if it holds more than this. */
const MAX_NAMED = 2;

const FILE_VERBS: Partial<Record<string, Verb>> = { A: "add", R: "move" };

/** The subjects of one file's change, its tests excepted. */
export function foldFile(units: TaskUnit[]): Subject[] {
  const [first] = units;
  if (!first) return [];
  const { change_category } = first;
  if (change_category === "D") {
    // What moved elsewhere is reported there.
    return [fileSubject("remove", first, areaOf(first), linesOf(units))];
  }
  if (areaOf(first) !== "code") return foldSections(units);
  if (change_category === "A") return foldNewFile(units, first);
  if (change_category !== "R") return named(units);
  // That its units moved goes without saying.
  const rest = units.filter(({ op, is_cosmetic }) => op !== "moved" && !is_cosmetic);
  const moved = fileSubject("move", first, "code", linesOf(units) - linesOf(rest));
  return [moved, ...named(rest)];
}

function foldNewFile(units: TaskUnit[], first: TaskUnit): Subject[] {
  const added = units.filter(({ op }) => op === "added");
  const rest = named(units.filter(({ op }) => op !== "added"));
  const subjects = named(added);
  const telling = subjects.filter((subject) => !isMinor(subject) && subject.name !== null);
  if (telling.length > 0 && telling.length <= MAX_NAMED) return [...telling, ...rest];
  if (added.length === 0) return rest;
  return [fileSubject("add", first, "code", linesOf(added)), ...rest];
}

/** Units with a name by it; those without one together, as the file. */
function named(units: TaskUnit[]): Subject[] {
  const subjects = foldTypes(units.filter(({ qualified_name }) => qualified_name !== null));
  const nameless = units.filter(({ qualified_name }) => qualified_name === null);
  const byVerb = groupBy(nameless, verbOf);
  for (const [verb, group] of byVerb) {
    const [first] = group;
    if (!first) continue;
    // Loose code that is new changes the file that it is in.
    const isFile = first.change_category === "A" || isMinor({ verb });
    const said = verb === "move" || !isFile ? "change" : verb;
    subjects.push(fileSubject(said, first, areaOf(first), linesOf(group)));
  }
  return subjects;
}

/** A document or configuration: by its section if that is the only one. */
function foldSections(units: TaskUnit[]): Subject[] {
  const [first] = units;
  if (!first) return [];
  const area = areaOf(first);
  const lines = linesOf(units);
  const verb = FILE_VERBS[first.change_category] ?? "change";
  const subject = fileSubject(verb, first, area, lines);
  if (verb !== "change") return [subject];
  const sections = new Set(units.map(({ section }) => section));
  if (units.every((unit) => unit.is_cosmetic)) return [{ ...subject, verb: "reformat" }];
  const [section] = sections;
  if (sections.size > 1 || section == null || first.kind === "hunk") return [subject];
  const alone = units.length === 1 ? verbOf(first) : "change";
  const from = alone === "rename" ? (first.old_name ?? null) : null;
  const said = alone === "move" || alone === "reorder" ? "change" : alone;
  return [{ ...subject, verb: said, name: sectionName(first.kind, section), from }];
}

/** `[dependencies]` of TOML; the last heading of a document. */
function sectionName(kind: string, section: string): string {
  if (kind === "table") return `[${section}]`;
  return section.slice(section.lastIndexOf(" > ") + 1).replace(/^> /, "");
}

const linesOf = (units: TaskUnit[]) => units.reduce((sum, { lines }) => sum + lines, 0);
