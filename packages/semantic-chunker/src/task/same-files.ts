import { groupBy } from "../group-by.ts";
import { baseName } from "./names.ts";
import type { Subject } from "./subject.ts";

/** So many files of one name are counted, not named. */
const MIN_FILES = 3;

/** Puts together what happened alike to many files of one name, such as each crate's `Cargo.toml`. */
export function mergeSameFiles(subjects: readonly Subject[]): Subject[] {
  const isAlike = ({ area, files }: Subject) => area !== "code" && files.length === 1;
  const fileOf = ({ place, placeKind }: Subject) => (placeKind === "folder" ? "" : baseName(place));
  const groups = groupBy(subjects, (subject) =>
    isAlike(subject)
      ? JSON.stringify([subject.verb, subject.area, fileOf(subject), subject.name])
      : subject,
  );
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (!first || group.length < MIN_FILES) return group;
    const files: Subject["files"] = [first.files[0], ...others.map((other) => other.files[0])];
    const lines = group.reduce((sum, subject) => sum + subject.lines, 0);
    return [{ ...first, place: fileOf(first), files, lines }];
  });
}
