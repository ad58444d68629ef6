import { groupBy } from "../group-by.ts";
import type { Clause } from "./clause.ts";
import { baseName, counted, listed, quoted, shortPath } from "./names.ts";
import type { TaskUnit } from "./task-unit.ts";

/** Tests that are told by their names, at most. */
const MAX_NAMED = 2;

/** So many tests are compared with so many subjects, however large the commit. */
const MAX_COMPARED = 64;

/** So much of a name is compared: a hostile one may be long. */
const MAX_LENGTH = 200;

/** Shorter names stand in any test. */
const MIN_NAME = 4;

/** Tests to which the same happened, told by themselves: in full, and in brief. */
export interface TestClause {
  long: string;
  short: string;
}

/** The tests of a commit, without what only helps them, if there are any. */
export class ToldTests {
  readonly #added: TaskUnit[];
  readonly #changed: TaskUnit[];
  readonly #removed: TaskUnit[];
  /** Whether they are tests, and not only data or functions for tests. */
  readonly #isMarked: boolean;

  /** @param units that are only there for tests. */
  constructor(units: readonly TaskUnit[]) {
    const marked = units.filter(({ kind }) => kind === "test" || kind === "macro_call");
    this.#isMarked = marked.length > 0;
    const tests = this.#isMarked ? marked : units;
    this.#added = tests.filter(({ op }) => op === "added");
    this.#removed = tests.filter(({ op }) => op === "removed");
    this.#changed = tests.filter(({ op }) => op !== "added" && op !== "removed");
  }

  /** What follows the clause that the new tests are about: `its test`, `their 3 tests`. */
  of({ verb, subjects }: Clause): string | undefined {
    const count = this.#added.length;
    if (count === 0 || !this.#isMarked || verb === "remove") return undefined;
    const added = this.#added.slice(0, MAX_COMPARED);
    const isAbout = subjects
      .slice(0, MAX_COMPARED)
      .some((subject) => added.some((test) => isTestOf(test, subject)));
    if (!isAbout) return undefined;
    const whose = subjects.length === 1 ? "its" : "their";
    return `${whose} ${count === 1 ? "test" : `${count} tests`}`;
  }

  /**
   * The tests told by themselves, the most telling first.
   *
   * @param isTold whether the new ones are told with what they test.
   */
  clauses(isTold: boolean): TestClause[] {
    const groups = { add: isTold ? [] : this.#added, change: this.#changed, remove: this.#removed };
    return Object.entries(groups)
      .filter(([, tests]) => tests.length > 0)
      .map(([verb, tests]) => this.#clause(verb, tests));
  }

  #clause(verb: string, tests: TaskUnit[]): TestClause {
    const short = `${verb} ${this.#isMarked ? counted(tests.length, "test") : "tests"}`;
    const places = groupBy(tests, ({ file_path }) => shortPath(file_path));
    const [place = ""] = places.keys();
    const where = places.size === 1 ? quoted(place) : `${places.size} files`;
    const names = tests.flatMap(({ function_name }) => function_name ?? []);
    if (names.length > MAX_NAMED || names.length < tests.length) {
      return { long: `${short} in ${where}`, short };
    }
    const noun = this.#isMarked ? `${names.length === 1 ? "test" : "tests"} ` : "";
    return { long: `${verb} ${noun}${listed(names.map(quoted))} in ${where}`, short };
  }
}

/** Whether a test lies in the file of what it may test, or is called after it. */
function isTestOf(test: TaskUnit, subject: Clause["subjects"][number]): boolean {
  const { area, place, name, placeKind, files } = subject;
  if (area !== "code") return false;
  if (files.includes(test.file_path)) return true;
  const stem = plain(stemOf(test.file_path));
  if (files.some((file) => isLong(stemOf(file)) && stem.includes(plain(stemOf(file))))) return true;
  if (placeKind === "folder") return false; // It stands for the whole file.
  const wanted = (placeKind === "type" ? place : name).split("::").at(-1) ?? "";
  return isLong(wanted) && plain(test.function_name ?? "").includes(plain(wanted));
}

const isLong = (name: string) => plain(name).length >= MIN_NAME;

/** A file's name without its endings. */
const stemOf = (path: string) => baseName(path).replace(/\..*/, "");

const plain = (text: string) =>
  text
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
