import { groupBy } from "../group-by.ts";
import { type Clause, clausesOf, clauseText } from "./clause.ts";
import { foldFile } from "./fold-file.ts";
import { type LeftOut, leftOutText, movedFiles } from "./left-out.ts";
import { areaOf, isMinor, type Subject } from "./subject.ts";
import { type TaskChunk, type TaskUnit, unitsOf } from "./task-unit.ts";
import { ToldTests } from "./tests.ts";

/** A description goes on naming things up to this length. */
const WANTED_LENGTH = 140;

/** No description is longer, in UTF-16 units. */
const MAX_LENGTH = 200;

const MAX_CLAUSES = 3;
const MAX_NAMED = 4;

/**
 * Describes a commit in one line by its units: what happened to which, the most telling first.
 *
 * @param chunks of one commit, in their order.
 * @param leftOut changes of files that gave no chunks.
 * @param unread number of files that were not looked at.
 * @returns the empty text for a commit without any change that can be named.
 */
export function describeCommit(
  chunks: Iterable<TaskChunk>,
  leftOut: readonly LeftOut[] = [],
  unread = 0,
): string {
  const units = unitsOf(chunks);
  const byArea = groupBy(units, (unit) => areaOf(unit) === "test");
  const clauses = clausesOf([...tellingSubjects(byArea.get(false) ?? []), ...movedFiles(leftOut)]);
  const tests = new ToldTests(byArea.get(true) ?? []);
  const others = leftOutText(leftOut, unread);
  if (clauses.length === 0) {
    const text = tests.clauses(false).slice(0, MAX_CLAUSES).join("; ");
    if (text === "") return others === "" ? "" : `change ${others}`;
    return bounded(others === "" ? text : `${text}; also ${others}`);
  }
  const told = clauses.slice(0, MAX_CLAUSES);
  const home = told.find((clause) => tests.of(clause) !== undefined);
  const render = (shown: number[]) => {
    const texts = told.map((clause, index) => {
      const suffix = clause === home ? `, ${tests.of(clause)}` : "";
      return shown[index] ? `${clauseText(clause, shown[index])}${suffix}` : "";
    });
    return [...texts.filter(Boolean), ...tests.clauses(home !== undefined)].join("; ");
  };
  let text = fill(told, render);
  const rest = clauses.slice(MAX_CLAUSES).flatMap(({ subjects }) => subjects);
  if (rest.length > 0) {
    const files = new Set(rest.map(({ file }) => file)).size;
    text += `; ${rest.length} more${files > 1 ? ` in ${files} files` : ""}`;
  }
  if (others !== "" && text.length + others.length < MAX_LENGTH - 8) text += `; also ${others}`;
  return bounded(text);
}

/** All that is worth telling: minor changes only if there are no others. */
function tellingSubjects(units: TaskUnit[]): Subject[] {
  const files = groupBy(units, ({ file_path }) => file_path);
  const subjects = [...files.values()].flatMap(foldFile);
  const major = subjects.filter((subject) => !isMinor(subject));
  return major.length > 0 ? major : subjects;
}

/** Names one subject of each clause, then more as long as the text stays short. */
function fill(clauses: readonly Clause[], render: (shown: number[]) => string): string {
  const shown = clauses.map(() => 1);
  let text = render(shown);
  for (let round = 1; round < MAX_NAMED; round += 1) {
    for (const [index, { subjects }] of clauses.entries()) {
      if (subjects.length <= round) continue;
      const next = shown.with(index, round + 1);
      const longer = render(next);
      if (longer.length > WANTED_LENGTH) continue;
      shown[index] = round + 1;
      text = longer;
    }
  }
  return text;
}

function bounded(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 1).trimEnd()}…`;
}
