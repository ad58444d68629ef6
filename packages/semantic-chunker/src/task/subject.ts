import { nameWithin, shortModule, shortPath } from "./names.ts";
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

export type Area = "code" | "test" | "configuration" | "documentation";

/** Something that a description can name. */
export interface Subject {
  verb: Verb;
  area: Area;
  /** What it lies in, by which neighbours are told together. */
  place: string;
  isModule: boolean;
  /** Its name there; null for a whole file, which `place` names. */
  name: string | null;
  /** Its name before, where it was before, or the trait that is implemented for it. */
  from: string | null;
  file: string;
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
  add: 1.3,
  implement: 1.3,
  rename: 1.2,
  fix: 1.2,
  "speed up": 1.2,
  remove: 1.1,
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
const CHANGE_LOG = /(^|\/)(change(s|log)|news|history|releases?)[^/]*$/i;

/** How telling a subject is. By the logarithm: twice as long is not twice as telling. */
export function weightOf({ verb, area, file, lines }: Subject): number {
  const share = CHANGE_LOG.test(file) ? 0.25 : 1;
  return VERB_WEIGHTS[verb] * AREA_WEIGHTS[area] * share * Math.log2(2 + lines);
}

export const isMinor = ({ verb }: Pick<Subject, "verb">): boolean => MINOR.has(verb);

export function areaOf({ file_type, change_type, kind }: TaskUnit): Area {
  if (file_type === "test" || file_type === "bench" || kind === "test") return "test";
  if (change_type === "new_test" || change_type === "modified_test") return "test";
  if (file_type === "documentation") return "documentation";
  return file_type === "source" || file_type === "example" ? "code" : "configuration";
}

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

/** A unit as a subject. */
export function subjectOf(unit: TaskUnit): Subject {
  const verb = verbOf(unit);
  const { module_path, qualified_name, file_path, lines } = unit;
  const name = qualified_name === null ? null : nameWithin(qualified_name, module_path);
  const module = name === null ? null : module_path;
  return {
    verb,
    area: areaOf(unit),
    place: module === null ? shortPath(file_path) : shortModule(module),
    isModule: module !== null,
    name,
    from: verb === "rename" ? (unit.old_name ?? null) : verb === "move" ? oldFile(unit) : null,
    file: file_path,
    lines,
  };
}

/** A file as a subject. */
export function fileSubject(verb: Verb, unit: TaskUnit, area: Area, lines: number): Subject {
  const { file_path } = unit;
  const from = verb === "move" ? oldFile(unit) : null;
  const place = shortPath(file_path);
  return { verb, area, place, isModule: false, name: null, from, file: file_path, lines };
}

const oldFile = ({ old_file_path }: TaskUnit) => old_file_path && shortPath(old_file_path);
