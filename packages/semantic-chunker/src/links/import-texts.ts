import type { FileSide } from "../match/file-change.ts";

/** Longest text of a file's imports that is read, in UTF-16 units. */
const MAX_LENGTH = 1 << 16;

const USE: ReadonlySet<string> = new Set(["use"]);

/** The text of a unit, and the modules it stands in within its file. */
export interface ImportText {
  text: string;
  scope: readonly string[];
}

/** The units of a file that import something: their own lines, without those of items inside them. */
export function importTexts({ source, map }: FileSide, kinds = USE): ImportText[] {
  const found: ImportText[] = [];
  let length = 0;
  for (const [index, { kind, first, last, scope }] of map.units.entries()) {
    if (!kinds.has(kind)) continue;
    const lines: string[] = [];
    for (let line = first; line <= last; line += 1) {
      if (map.owners[line] === index) lines.push(source.line(line));
    }
    const text = lines.join("\n");
    length += text.length;
    if (length > MAX_LENGTH) break;
    found.push({ text, scope });
  }
  return found;
}
