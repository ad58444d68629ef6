import { groupBy } from "../group-by.ts";
import type { Clause } from "./clause.ts";
import { counted, listed, quoted, shortPath } from "./names.ts";
import type { TaskUnit } from "./task-unit.ts";

/** Tests that are told by their names, at most. */
const MAX_NAMED = 2;

/** Names shorter than this are found in any test. */
const MIN_NAME = 3;

/** The tests of a commit, apart from what only helps them. */
export class ToldTests {
  readonly #added: TaskUnit[];
  readonly #changed: TaskUnit[];
  readonly #removed: TaskUnit[];

  /** @param units of tests, with imports, fixtures and the like. */
  constructor(units: readonly TaskUnit[]) {
    const isTest = ({ kind }: TaskUnit) => kind === "test" || kind === "macro_call";
    const marked = units.filter(isTest);
    const tests = marked.length > 0 ? marked : units;
    this.#added = tests.filter(({ op }) => op === "added");
    this.#removed = tests.filter(({ op }) => op === "removed");
    this.#changed = tests.filter(({ op }) => op !== "added" && op !== "removed");
  }

  /** What follows the clause that the new tests are about: `its test`, `their 3 tests`. */
  of(clause: Clause): string | undefined {
    const count = this.#added.length;
    if (count === 0 || clause.verb === "remove") return undefined;
    const isAbout = clause.subjects.some((subject) =>
      this.#added.some((test) => isTestOf(test, subject)),
    );
    if (!isAbout) return undefined;
    const whose = clause.subjects.length === 1 ? "its" : "their";
    return `${whose} ${count === 1 ? "test" : `${count} tests`}`;
  }

  /**
   * The tests told by themselves, most telling first.
   *
   * @param isTold whether the new ones are told with what they test.
   */
  clauses(isTold: boolean): string[] {
    const groups = { add: isTold ? [] : this.#added, change: this.#changed, remove: this.#removed };
    return Object.entries(groups)
      .filter(([, tests]) => tests.length > 0)
      .map(([verb, tests]) => `${verb} ${testsText(tests)}`);
  }
}

/** Whether a test lies in the module of what it may test, or is called after it or its file. */
function isTestOf(test: TaskUnit, { name, file }: Clause["subjects"][number]): boolean {
  if (test.file_path === file) return true;
  const wanted = plain(name?.slice(name.lastIndexOf("::") + 1) ?? stemOf(file));
  if (wanted.length < MIN_NAME) return false;
  return [test.qualified_name ?? "", stemOf(test.file_path)].some((text) =>
    plain(text).includes(wanted),
  );
}

/** Names of files without their endings. */
const stemOf = (path: string) => path.slice(path.lastIndexOf("/") + 1).replace(/\..*/, "");

const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

function testsText(tests: TaskUnit[]): string {
  const places = groupBy(tests, ({ file_path }) => shortPath(file_path));
  const [place = ""] = places.keys();
  const where = places.size === 1 ? quoted(place) : `${places.size} files`;
  const names = tests.map(({ function_name }) => function_name);
  if (names.length > MAX_NAMED || names.includes(null)) {
    return `${counted(tests.length, "test")} in ${where}`;
  }
  const noun = names.length === 1 ? "test" : "tests";
  return `${noun} ${listed(names.map((name) => quoted(name ?? "")))} in ${where}`;
}
