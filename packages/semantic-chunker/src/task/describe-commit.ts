import { groupBy } from "../group-by.ts";
import { type Clause, clausesOf, clauseText, inFiles } from "./clause.ts";
import { foldFile } from "./fold-file.ts";
import { emptyFiles, type LeftOut, leftOutText, movedWhole, nothingElse } from "./left-out.ts";
import { mergeAlike } from "./merge-alike.ts";
import { withoutDeclarations } from "./module-declarations.ts";
import { movedFiles } from "./moved-files.ts";
import { areaOf, isMinor, type Subject } from "./subject.ts";
import { type TaskChunk, type TaskUnit, unitsOf } from "./task-unit.ts";
import { type TestClause, ToldTests } from "./tests.ts";

/** A description goes on telling things up to this length, in UTF-16 units. */
const WANTED_LENGTH = 150;

/** No description is longer. */
const MAX_LENGTH = 160;

/** Verbs in one description. */
const MAX_CLAUSES = 3;

/** Names under one verb. */
const MAX_NAMED = 4;

/**
 * Describes a commit in one line by its units: what happened to which, the most telling first. It
 * consists of names and counts, and says nothing of what the code does.
 *
 * @param chunks of one commit, in their order.
 * @param leftOut changes of files that gave no chunks.
 * @param unread number of files that were not looked at.
 * @returns the empty text for a commit that changed nothing.
 */
export function describeCommit(
  chunks: Iterable<TaskChunk>,
  leftOut: readonly LeftOut[] = [],
  unread = 0,
): string {
  const areas = groupBy(unitsOf(chunks), (unit) => areaOf(unit) === "test");
  const clauses = clausesOf(tellingSubjects(areas.get(false) ?? [], leftOut));
  const draft = new Draft(clauses, new ToldTests(areas.get(true) ?? []));
  const text = draft.text();
  if (text === "") return nothingElse(leftOut);
  const others = leftOutText(leftOut, unread);
  const whole = others === "" ? text : `${text}; also ${others}`;
  return bounded(whole.length <= MAX_LENGTH ? whole : text);
}

/** All that is worth telling: minor changes only if there are no others. */
function tellingSubjects(units: TaskUnit[], leftOut: readonly LeftOut[]): Subject[] {
  const told = withoutDeclarations(units);
  const files = [...groupBy(told, ({ file_path }) => file_path).values()].map(foldFile);
  const moved = [...files.flatMap((file) => file.moved), ...movedWhole(leftOut)];
  const subjects = mergeAlike([
    ...files.flatMap((file) => file.subjects),
    ...movedFiles(moved),
    ...emptyFiles(leftOut),
  ]);
  const major = subjects.filter((subject) => !isMinor(subject));
  return major.length > 0 ? major : subjects;
}

/** A description that tells more and more, as long as it is not too long. */
class Draft {
  readonly #clauses: readonly Clause[];
  readonly #testClauses: readonly TestClause[];
  /** Clause that the new tests are told with. */
  readonly #home: Clause | undefined;
  readonly #whose: string;
  /** Subjects of each clause that are named. */
  readonly #named: number[];
  /** Clauses of tests that are told in full, and those that are told at all. */
  #tests = { long: 0, told: 0 };

  constructor(clauses: readonly Clause[], tests: ToldTests) {
    this.#clauses = clauses;
    const told = clauses.slice(0, MAX_CLAUSES);
    this.#named = told.map(() => 0);
    this.#home = told.find((clause) => tests.of(clause) !== undefined);
    this.#whose = (this.#home && tests.of(this.#home)) ?? "";
    this.#testClauses = tests.clauses(this.#home !== undefined);
  }

  text(): string {
    this.#tryNaming(0);
    this.#tryTests({ long: 0, told: Math.min(1, this.#testClauses.length) });
    for (let clause = 1; clause < this.#named.length; clause += 1) this.#tryNaming(clause);
    for (let count = 1; count <= this.#testClauses.length; count += 1) {
      this.#tryTests({ ...this.#tests, told: count });
      this.#tryTests({ long: count, told: count });
    }
    for (let round = 1; round < MAX_NAMED; round += 1) {
      for (const clause of this.#named.keys()) this.#tryNaming(clause);
    }
    return this.#render();
  }

  #tryNaming(clause: number): void {
    const named = this.#named[clause] ?? 0;
    if (named >= (this.#clauses[clause]?.subjects.length ?? 0)) return;
    this.#named[clause] = named + 1;
    const isFirst = clause === 0 && named === 0;
    if (!isFirst && this.#render().length > WANTED_LENGTH) this.#named[clause] = named;
  }

  #tryTests(tests: { long: number; told: number }): void {
    const before = this.#tests;
    this.#tests = tests;
    if (before.told > 0 && this.#render().length > WANTED_LENGTH) this.#tests = before;
  }

  #render(): string {
    const { long, told } = this.#tests;
    const hidden: Subject[] = [];
    const texts = this.#clauses.flatMap((clause, index) => {
      const named = this.#named[index] ?? 0;
      if (named === 0) {
        hidden.push(...clause.subjects);
        return [];
      }
      const text = clauseText(clause, named);
      return [clause === this.#home ? `${text}, ${this.#whose}` : text];
    });
    const tests = this.#testClauses
      .slice(0, told)
      .map((clause, index) => (index < long ? clause.long : clause.short));
    return [...texts, ...tests, ...restText(hidden)].join("; ");
  }
}

/** What is only counted, with what happened if that is the same. */
function restText(hidden: readonly Subject[]): string[] {
  const [first] = hidden;
  if (!first) return [];
  const isSame = first.verb !== "move" && hidden.every(({ verb }) => verb === first.verb);
  return [`${isSame ? `${first.verb} ` : ""}${hidden.length} more${inFiles(hidden)}`];
}

function bounded(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 1).trimEnd()}…`;
}
