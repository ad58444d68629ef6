import { baseName, shortFolder, shortModule, shortPath } from "./names.ts";
import { plainName } from "./owner.ts";
import type { TaskUnit } from "./task-unit.ts";

/** What is said of a change. */
export type Verb =
  | "add"
  | "implement"
  | "remove"
  | "move"
  | "rename"
  | "fix"
  | "speed up"
  | "refactor"
  | "change"
  | "document"
  | "reformat"
  | "reorder"
  | "change imports of";

/** What part of a project a change concerns. */
export type Area = "code" | "test" | "configuration" | "documentation";

/** Something that a description can name. */
export interface Subject {
  verb: Verb;
  area: Area;
  /** What it lies in, by which neighbours are told together. */
  place: string;
  /** A file of `tables` is told with the table in one name; for a `type`, a trait is implemented. */
  placeKind: "module" | "type" | "file" | "tables" | "folder";
  /** Its name there. */
  name: string;
  /** Its name before, or where it was before. */
  from: string | null;
  /** Files that it stands for: several where the same happened to them. */
  files: readonly [string, ...string[]];
  lines: number;
}

/** How much a line of each area tells of a commit, compared with a line of code. */
const AREA_WEIGHTS: Record<Area, number> = {
  code: 1,
  test: 0.6,
  configuration: 0.4,
  documentation: 0.35,
};

/** What is new or goes says more than what changed. */
const VERB_WEIGHTS: Record<Verb, number> = {
  add: 1.6,
  implement: 1.1,
  rename: 1.2,
  fix: 1.2,
  "speed up": 1.2,
  remove: 1.2,
  refactor: 1,
  change: 1,
  move: 0.9,
  document: 0.3,
  reformat: 0.1,
  reorder: 0.1,
  "change imports of": 0.05,
};

/** Told only where nothing else happened. */
const MINOR: ReadonlySet<Verb> = new Set(["document", "reformat", "reorder", "change imports of"]);

/** A list of changes: every commit may touch it, so that it tells nothing of any. */
const CHANGE_LOG = /(^|\/)(change(s|log)|news|history|releases?)(\.[^/]*)?$/i;

/** How much less each further subject of a place adds to what the place tells. */
const DECAY = 0.7;

/** How telling several subjects of one place are together, the most telling first. */
export const weightOfPlace = (weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * DECAY ** index, 0);

/**
 * How telling a subject is: by the logarithm of its lines, because twice as long is not twice as
 * telling. One that stands for several files counts as so many subjects.
 */
export function weightOf({ verb, area, files, lines }: Subject): number {
  const count = files.length;
  const repeated = (1 - DECAY ** count) / (1 - DECAY);
  return VERB_WEIGHTS[verb] * AREA_WEIGHTS[area] * Math.log2(2 + lines / count) * repeated;
}

/** Whether a subject is told only where nothing else happened. */
export const isMinor = ({ verb, files }: Pick<Subject, "verb" | "files">): boolean =>
  MINOR.has(verb) || files.every(isChangeLog);

/** Whether a file is a list of changes, by its name. */
export const isChangeLog = (path: string): boolean => CHANGE_LOG.test(path);

/** The area that a unit belongs to, by what its file is for and how it changes. */
export function areaOf({ file_type, change_type, kind }: TaskUnit): Area {
  if (file_type === "test" || file_type === "bench" || kind === "test") return "test";
  if (change_type === "new_test" || change_type === "modified_test") return "test";
  if (file_type === "documentation") return "documentation";
  return file_type === "source" || file_type === "example" ? "code" : "configuration";
}

/** What is said of a unit's change. */
export function verbOf(unit: TaskUnit): Verb {
  const { op, change_type, file_type } = unit;
  const isComment = change_type === "documentation" && file_type !== "documentation";
  if (change_type === "imports") return "change imports of";
  if (isComment && op !== "moved" && op !== "renamed") return "document";
  if (op === "added") return "add";
  if (op === "removed") return "remove";
  if (op === "renamed") return unit.old_name === undefined ? "change" : "rename";
  if (op === "moved") return unit.old_file_path === null ? "reorder" : "move";
  if (unit.is_cosmetic) return "reformat";
  if (change_type === "bug_fix") return "fix";
  if (change_type === "optimization") return "speed up";
  return change_type === "refactoring" ? "refactor" : "change";
}

/** A unit as a subject: by its name, or as the file that it is in. */
export function subjectOf(unit: TaskUnit): Subject {
  const { module_path, file_path, old_file_path, old_name, lines } = unit;
  const verb = verbOf(unit);
  const name = plainName(unit);
  const file = fileSubject(verb, file_path, areaOf(unit), lines);
  if (name === null) return file;
  const oldFile = old_file_path && shortPath(old_file_path);
  const from = verb === "rename" ? (old_name ?? null) : verb === "move" ? oldFile : null;
  return module_path === null
    ? { ...file, place: shortPath(file_path), placeKind: "file", name, from }
    : { ...file, place: shortModule(module_path), placeKind: "module", name, from };
}

/** A file as a subject. */
export const fileSubject = (verb: Verb, path: string, area: Area, lines: number): Subject => ({
  verb,
  area,
  place: shortFolder(path),
  placeKind: "folder",
  name: baseName(path),
  from: null,
  files: [path],
  lines,
});
