import { withoutByteOrderMark } from "../source/byte-order-mark.ts";
import { CutDepth } from "../source/cut-depth.ts";
import type { Language } from "./language.ts";
import { cutSections, type SectionStart } from "./sections.ts";

/** No heading is longer; the patterns take quadratic time on what only resembles one. */
const MAX_HEADING = 1000;

const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$/;
const UNDERLINE = /^ {0,3}(=+|-{2,})[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
/** Depth of what stands after a blank line in a block of code. */
const CODE_DEPTH = 110;

/** A line that an underline does not make a heading: blank, a quote, a list, a table, a heading. */
const NO_TITLE = /^\s*$|^ {0,3}(?:[>#|]|[-*+] |\d+[.)] )|^(?: {4}|\t)/;

/** Markdown, cut at headings; a section's name is the path of headings to it. */
export const markdown: Language = {
  name: "markdown",
  cut(source) {
    const starts: SectionStart[] = [];
    const path: (string | undefined)[] = [];
    let fence: string | undefined;
    const add = (line: number, level: number, title: string) => {
      path.length = Math.min(path.length, level - 1);
      path[level - 1] = title;
      const section = Array.from(path, (part) => part ?? "")
        .filter((part) => part !== "")
        .join(" > ");
      starts.push({ line, kind: "section", name: title, section });
    };
    const lineOf = (number: number) => withoutByteOrderMark(source.line(number)).trimEnd();
    const cuts = new Uint8Array(source.lineCount + 1).fill(CutDepth.unknown);
    let line = frontMatterEnd(lineOf, source.lineCount) + 1;
    for (; line <= source.lineCount; line += 1) {
      const text = lineOf(line);
      const isAfterBlank = line === 1 || source.isBlank(line - 1);
      cuts[line] = depthOf(text, isAfterBlank, fence !== undefined);
      const mark = FENCE.exec(text.slice(0, MAX_HEADING));
      if (fence !== undefined) {
        const [, run = "", info = ""] = mark ?? [];
        if (run.startsWith(fence) && info.trim() === "") fence = undefined;
        continue;
      }
      if (mark && !(mark[1]?.startsWith("`") && mark[2]?.includes("`"))) {
        fence = mark[1];
        continue;
      }
      if (text.length > MAX_HEADING) continue;
      const heading = HEADING.exec(text);
      if (heading) {
        add(line, heading[1]?.length ?? 1, heading[2] ?? "");
        continue;
      }
      const underline = UNDERLINE.exec(text);
      const title = line > 1 ? lineOf(line - 1) : "";
      const isTaken = starts.at(-1)?.line === line - 1;
      if (underline && !isTaken && !NO_TITLE.test(title)) {
        add(line - 1, underline[1]?.startsWith("=") ? 1 : 2, title.trim());
      }
    }
    const preamble = { line: 1, kind: "section", name: null, section: null };
    return cutSections(source, starts, preamble, { cuts });
  },
};

/** What a line is worth as a cut: paragraphs first, then items of lists, rows of tables, code. */
function depthOf(text: string, isAfterBlank: boolean, isFenced: boolean): number {
  const indentation = Math.min(text.length - text.trimStart().length, 100);
  if (isFenced) return isAfterBlank ? CODE_DEPTH + indentation : CutDepth.unknown;
  if (/^\s*(?:[-*+]|\d{1,9}[.)])\s/.test(text)) return indentation + 1;
  if (isAfterBlank) return indentation;
  return text.startsWith("|") ? 2 : CutDepth.inside;
}

/** Last line of a YAML front matter; 0 if there is none. */
function frontMatterEnd(lineOf: (number: number) => string, lineCount: number): number {
  if (lineCount === 0 || lineOf(1) !== "---") return 0;
  for (let line = 2; line <= Math.min(lineCount, 200); line += 1) {
    if (/^(---|\.\.\.)\s*$/.test(lineOf(line))) return line;
  }
  return 0;
}
