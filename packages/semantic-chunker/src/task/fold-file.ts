import { groupBy } from "../group-by.ts";
import { foldTypes } from "./fold-types.ts";
import type { MovedFile } from "./moved-files.ts";
import { shortPath } from "./names.ts";
import { areaOf, fileSubject, isChangeLog, isMinor, type Subject, verbOf } from "./subject.ts";
import type { TaskUnit } from "./task-unit.ts";

/** A new file is told by its name if it holds more than this. */
const MAX_NAMED = 2;

/** What happened to a file that its subjects do not tell. */
export interface FoldedFile {
  subjects: Subject[];
  moved: MovedFile[];
}

/** The subjects of one file's change, its tests excepted. */
export function foldFile(units: TaskUnit[]): FoldedFile {
  const [first] = units;
  if (!first) return { subjects: [], moved: [] };
  const { change_category, file_path, old_file_path } = first;
  const area = areaOf(first);
  const whole = (verb: "add" | "remove"): FoldedFile => ({
    subjects: [fileSubject(verb, file_path, area, linesOf(units))],
    moved: [],
  });
  if (change_category === "D") return whole("remove"); // What moved is told where it went.
  if (change_category === "R" && old_file_path !== null) {
    // Its units moved with it, and loose lines follow.
    const changed = units.filter(
      (unit) => unit.op !== "moved" && !unit.is_cosmetic && unit.qualified_name !== null,
    );
    const lines = linesOf(units) - linesOf(changed);
    const moved = [{ from: old_file_path, to: file_path, area, lines }];
    return { subjects: area === "code" ? named(changed) : [], moved };
  }
  if (area !== "code") {
    return change_category === "A" ? whole("add") : { subjects: foldSections(units), moved: [] };
  }
  const subjects = change_category === "A" ? foldNewFile(units, file_path) : named(units);
  return { subjects, moved: [] };
}

function foldNewFile(units: TaskUnit[], path: string): Subject[] {
  const added = units.filter(({ op }) => op === "added");
  const rest = named(units.filter(({ op }) => op !== "added"));
  const telling = named(added).filter(
    (subject) => !isMinor(subject) && subject.placeKind !== "folder",
  );
  if (telling.length > 0 && telling.length <= MAX_NAMED) return [...telling, ...rest];
  // A file that is there for what moved into it is told by that.
  const isNewHome = linesOfSubjects(rest) > linesOfSubjects(telling);
  if (isNewHome) return [...telling, ...rest];
  return [fileSubject("add", path, "code", linesOf(added)), ...rest];
}

/** Units with a name by it; those without one together, as the file. */
function named(units: TaskUnit[]): Subject[] {
  const subjects = foldTypes(units.filter(({ qualified_name }) => qualified_name !== null));
  const nameless = units.filter(({ qualified_name }) => qualified_name === null);
  for (const [verb, group] of groupBy(nameless, verbOf)) {
    const [first] = group;
    if (!first) continue;
    const { change_category, file_path } = first;
    const subject = fileSubject(verb, file_path, areaOf(first), linesOf(group));
    // Loose code that is new changes the file that it is in.
    const isFile = isMinor(subject) || change_category === "A";
    subjects.push(isFile && verb !== "move" ? subject : { ...subject, verb: "change" });
  }
  return subjects;
}

/** A document or configuration that changed: by its section if that is the only one. */
function foldSections(units: TaskUnit[]): Subject[] {
  const [first] = units;
  if (!first) return [];
  const { file_path, kind, section } = first;
  const file = fileSubject("change", file_path, areaOf(first), linesOf(units));
  if (units.every(({ is_cosmetic }) => is_cosmetic)) return [{ ...file, verb: "reformat" }];
  const isOne = units.every((unit) => unit.section === section);
  if (!isOne || section === null || kind === "hunk" || isChangeLog(file_path)) return [file];
  const verb = units.length === 1 ? verbOf(first) : "change";
  if (verb === "move" || verb === "reorder") return [file];
  const from = verb === "rename" ? lastHeading(first.old_name ?? "") : null;
  const name = kind === "table" ? `[${section}]` : lastHeading(section);
  const placeKind = kind === "table" ? "tables" : "file";
  return [{ ...file, verb, place: shortPath(file_path), placeKind, name, from }];
}

/** The last of the headings that lead to a section. */
const lastHeading = (section: string) => section.split(" > ").at(-1) ?? section;

const linesOfSubjects = (subjects: readonly Subject[]) =>
  subjects.reduce((sum, subject) => sum + (isMinor(subject) ? 0 : subject.lines), 0);

const linesOf = (units: TaskUnit[]) => units.reduce((sum, { lines }) => sum + lines, 0);
