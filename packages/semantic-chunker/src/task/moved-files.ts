import { groupBy } from "../group-by.ts";
import { baseName, shortPath } from "./names.ts";
import { type Area, fileSubject, type Subject } from "./subject.ts";

/** A file that lies elsewhere now. */
export interface MovedFile {
  from: string;
  to: string;
  area: Area;
  /** Lines of it that moved units have, as far as they are known. */
  lines: number;
}

/** Files that moved as subjects: those of a folder that moved together are one. */
export function movedFiles(files: readonly MovedFile[]): Subject[] {
  const folders = groupBy(files, (file) => JSON.stringify(foldersOf(file)));
  return [...folders.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (!first) return [];
    const { from, to } = foldersOf(first);
    if (others.length === 0 || from === to) return group.map(movedFile);
    const lines = group.reduce((sum, file) => sum + file.lines, 0);
    return [
      {
        ...fileSubject("move", first.to, first.area, lines),
        place: to === "" ? "." : to,
        name: `${group.length} files`,
        from,
        files: [first.to, ...others.map((file) => file.to)],
      } satisfies Subject,
    ];
  });
}

/** What differs of the folders, without what both paths end with. */
function foldersOf({ from, to }: MovedFile): { from: string; to: string } {
  const [old, fresh] = [from.split("/"), to.split("/")];
  while (old.length > 0 && fresh.length > 0 && old.at(-1) === fresh.at(-1)) {
    old.pop();
    fresh.pop();
  }
  return { from: old.join("/"), to: fresh.join("/") };
}

/** A file that moved, or that only has another name. */
function movedFile({ from, to, area, lines }: MovedFile): Subject {
  const folder = (path: string) => path.slice(0, path.lastIndexOf("/") + 1);
  const isRenamed = folder(from) === folder(to);
  const subject = fileSubject(isRenamed ? "rename" : "move", to, area, lines);
  return { ...subject, from: isRenamed ? baseName(from) : shortPath(from) };
}
