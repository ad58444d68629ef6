import { CutDepth } from "../source/cut-depth.ts";
import type { Language } from "./language.ts";
import { cutSections, type SectionStart } from "./sections.ts";

const QUOTE = 34;
const BACKSLASH = 92;

/** JSON (and JSON with comments), cut at the keys of its outermost object. */
export const json: Language = {
  name: "json",
  cut(source) {
    const starts: SectionStart[] = [];
    const cuts = new Uint8Array(source.lineCount + 1);
    let depth = 0;
    for (let line = 1; line <= source.lineCount; line += 1) {
      const text = source.line(line);
      const key = depth === 1 ? /^\s*"((?:[^"\\]|\\.)*)"\s*:/.exec(text)?.[1] : undefined;
      if (key !== undefined) starts.push({ line, kind: "key", name: key, section: key });
      cuts[line] = /^\s*[\]}]/.test(text) ? CutDepth.inside : Math.min(depth, CutDepth.deepest);
      depth = Math.max(0, depth + depthChange(text));
    }
    const preamble = { line: 1, kind: "document", name: null, section: null };
    return cutSections(source, starts, preamble, { cuts });
  },
};

/** By how many brackets a line goes deeper. JSON strings end on their line. */
function depthChange(text: string): number {
  let change = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (code === 123 || code === 91) change += 1;
    else if (code === 125 || code === 93) change -= 1;
    else if (code === 47 && text[at + 1] === "/") break; // A comment, in the dialects that have them.
  }
  return change;
}
