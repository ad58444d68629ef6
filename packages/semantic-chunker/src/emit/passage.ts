import { type FileChange, linesOf, type UnitRef } from "../match/file-change.ts";

/** Lines of one side of a file that are told together. */
export interface Passage {
  file: FileChange;
  side: "old" | "new";
  /** Ascending. */
  lines: number[];
}

/**
 * The lines of a unit; or those of several that follow one another, with the blank lines between.
 *
 * @param refs in the order of the file.
 */
export function passageOf(refs: UnitRef[]): Passage | null {
  const [first] = refs;
  const last = refs.at(-1);
  if (!first || !last) return null;
  const { file, side } = first;
  const start = first.unit.first;
  const count = last.unit.last - start + 1;
  const lines =
    refs.length === 1 ? linesOf(first) : Array.from({ length: count }, (_, at) => start + at);
  return { file, side, lines };
}

/** The text of a passage, without the last line feed. */
export function passageText({ file, side, lines }: Passage): string {
  const source = file[side]?.source;
  if (!source) return "";
  const parts: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const first = lines[at] ?? 0;
    while (lines[at + 1] === (lines[at] ?? 0) + 1) at += 1;
    parts.push(source.lines(first, lines[at] ?? first));
  }
  return parts.join("\n");
}
