import type { Diff } from "@repotune/schema";
import { counted, listed, shortPath } from "./names.ts";
import type { Subject } from "./subject.ts";

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

/** Files that only moved: they have no text to be cut into units. */
export function movedFiles(files: readonly LeftOut[]): Subject[] {
  return files.flatMap(({ diff, reason }) => {
    const { change_type, filename, old_filename } = diff;
    if (reason !== "no_text_change" || change_type !== "R" || old_filename === null) return [];
    return [
      {
        verb: "move",
        area: "code",
        place: shortPath(filename),
        isModule: false,
        name: null,
        from: shortPath(old_filename),
        file: filename,
        lines: 0,
      },
    ];
  });
}

/** The files that were left out, counted: `a lock file and 2 binary files`. */
export function leftOutText(files: readonly LeftOut[], unread: number): string {
  const counts = new Map<string, number>();
  const add = (noun: string, count: number) => counts.set(noun, (counts.get(noun) ?? 0) + count);
  for (const { reason } of files) {
    const noun = NOUNS[reason];
    if (noun) add(noun, 1);
  }
  if (unread > 0) add("further file", unread);
  return listed([...counts].map(([noun, count]) => counted(count, noun)));
}
