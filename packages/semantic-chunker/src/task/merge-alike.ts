import { groupBy } from "../group-by.ts";
import { baseName } from "./names.ts";
import type { Subject } from "./subject.ts";

/** So many files of one name are counted, not named. */
const MIN_FILES = 3;

/**
 * Puts together what reads alike: variants of one name, and what happened to many files of one name, such
 * as each crate's `Cargo.toml`.
 */
export function mergeAlike(subjects: readonly Subject[]): Subject[] {
  const variants = groupBy(subjects, ({ verb, place, placeKind, name, from, files }) =>
    JSON.stringify([verb, place, placeKind, name, from, files]),
  );
  const distinct = [...variants.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, lines: first.lines + linesOf(others) }] : [],
  );
  const isAlike = ({ area, files }: Subject) => area !== "code" && files.length === 1;
  const groups = groupBy(distinct, (subject) =>
    isAlike(subject)
      ? JSON.stringify([subject.verb, subject.area, fileOf(subject), subject.name])
      : subject,
  );
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (!first || group.length < MIN_FILES) return group;
    const files: Subject["files"] = [first.files[0], ...others.map((other) => other.files[0])];
    return [{ ...first, place: fileOf(first), files, lines: linesOf(group) }];
  });
}

/** Name of the file that a subject lies in; empty if it is the file. */
const fileOf = ({ place, placeKind }: Subject) => (placeKind === "folder" ? "" : baseName(place));

const linesOf = (subjects: readonly Subject[]) =>
  subjects.reduce((sum, { lines }) => sum + lines, 0);
