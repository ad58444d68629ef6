import type { Diff } from "@repotune/schema";
import type { MovedFile } from "./moved-files.ts";
import { counted, listed, quoted, shortPath } from "./names.ts";
import { fileSubject, type Subject, type Verb } from "./subject.ts";

/** What files that give no units are called; others are not worth a word. */
const NOUNS: Record<string, string> = {
  binary: "binary file",
  generated: "generated file",
  key_file: "key file",
  lock_file: "lock file",
  minified: "minified file",
  submodule: "submodule",
  symlink: "symbolic link",
  too_large: "large file",
  truncated_patch: "large file",
  vendored: "vendored file",
};

/** A file's change that gives no units, and why. */
export interface LeftOut {
  diff: Pick<Diff, "change_type" | "filename" | "old_filename">;
  reason: string;
}

/** What is said of files that came or went. */
const FILE_VERBS: Partial<Record<Diff["change_type"], Verb>> = { A: "add", D: "remove" };

/** Lines of a file that moved as it is: it has some, and nobody counted them. */
const USUAL_LINES = 30;

const hasNoText = ({ reason }: LeftOut) => reason === "no_text_change";

/** Files that only moved: they have no text to be cut into units. */
export const movedWhole = (files: readonly LeftOut[]): MovedFile[] =>
  files
    .filter(hasNoText)
    .flatMap(({ diff: { change_type, filename, old_filename } }) =>
      change_type === "R" && old_filename !== null
        ? [{ from: old_filename, to: filename, area: "code", lines: USUAL_LINES }]
        : [],
    );

/** Files without content that came or went. */
export const emptyFiles = (files: readonly LeftOut[]): Subject[] =>
  files.filter(hasNoText).flatMap(({ diff: { change_type, filename } }) => {
    const verb = FILE_VERBS[change_type];
    return verb ? [fileSubject(verb, filename, "configuration", 0)] : [];
  });

/**
 * The files that were left out, counted: `a lock file and 2 binary files`.
 *
 * @param unread number of files that were not looked at.
 */
export function leftOutText(files: readonly LeftOut[], unread: number): string {
  const counts = new Map<string, number>();
  const add = (noun: string, count: number) => counts.set(noun, (counts.get(noun) ?? 0) + count);
  for (const { reason } of files) {
    const noun = NOUNS[reason];
    if (noun !== undefined) add(noun, 1);
  }
  if (unread > 0) add("further file", unread);
  return listed([...counts].map(([noun, count]) => counted(count, noun)));
}

/** What is said of a commit all of whose files were left out; a merge is told by what it joins. */
export function nothingElse(files: readonly LeftOut[]): string {
  const [only, ...others] = files.filter(({ reason }) => reason !== "merge");
  if (!only) return "";
  const { change_type, filename } = only.diff;
  // One file can be named, and one whose mode changed has no other description.
  if (others.length === 0)
    return `${FILE_VERBS[change_type] ?? "change"} ${quoted(shortPath(filename))}`;
  return `change ${leftOutText(files, 0) || `${files.length} files`}`;
}
