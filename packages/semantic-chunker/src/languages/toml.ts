import { CutDepth } from "../source/cut-depth.ts";
import type { Language } from "./language.ts";
import { cutSections, type SectionStart } from "./sections.ts";

/** No header is longer; the patterns here take quadratic time on what only resembles one. */
const MAX_HEADER = 500;

const HEADER = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/;

/** TOML, cut into tables; an array of tables gives one unit an element. */
export const toml: Language = {
  name: "toml",
  cut(source) {
    const starts: SectionStart[] = [];
    /** Delimiter of the multi-line string that a line begins in. */
    let open: string | undefined;
    /** Brackets of arrays that a line begins in. */
    let depth = 0;
    const cuts = new Uint8Array(source.lineCount + 1).fill(CutDepth.unknown);
    for (let line = 1; line <= source.lineCount; line += 1) {
      const text = source.line(line).trimEnd();
      // A comment goes with the key below it.
      const isBound = line > 1 && isComment(source.line(line - 1));
      if (open === undefined) cuts[line] = depthOf(text, depth, isBound);
      const header =
        open === undefined && depth === 0 ? HEADER.exec(text.slice(0, MAX_HEADER)) : null;
      if (header) {
        const section = header[1] ?? "";
        starts.push({ line, kind: "table", name: section, section });
        continue;
      }
      ({ open, depth } = scan(text, open, depth));
    }
    const preamble = { line: 1, kind: "table", name: null, section: null };
    return cutSections(source, starts, preamble, { cuts, isComment });
  },
};

const isComment = (text: string) => /^\s*#/.test(text);

/** What a line is worth as a cut that no string reaches into: keys first, then elements of arrays. */
function depthOf(text: string, brackets: number, isBound: boolean): number {
  if (/^\s*[\]}]/.test(text) || (isBound && isComment(text))) return CutDepth.inside;
  return Math.min(brackets + (isBound ? 1 : 0), CutDepth.deepest);
}

/** Follows strings and arrays over one line. */
function scan(text: string, open: string | undefined, depth: number) {
  let at = 0;
  let string = open;
  let brackets = depth;
  while (at < text.length) {
    if (string !== undefined) {
      const end = text.indexOf(string, at);
      if (end < 0) break;
      const isEscaped = string.startsWith('"') && isEscapedAt(text, end);
      at = isEscaped ? end + 1 : end + string.length;
      if (!isEscaped) string = undefined;
      continue;
    }
    const character = text[at];
    if (character === "#") break;
    if (character === '"' || character === "'") {
      const triple = character.repeat(3);
      string = text.startsWith(triple, at) ? triple : character;
      at += string.length;
      continue;
    }
    if (character === "[") brackets += 1;
    else if (character === "]") brackets = Math.max(0, brackets - 1);
    at += 1;
  }
  // Only strings in triple quotes go on in the next line.
  return { open: string?.length === 3 ? string : undefined, depth: brackets };
}

function isEscapedAt(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}
