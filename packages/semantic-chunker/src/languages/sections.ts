import type { SourceText } from "../source/source-text.ts";
import type { UnitMap } from "../source/unit.ts";
import { UnitPainter } from "../source/unit-painter.ts";

/** Where a section of a document or a configuration begins. */
export interface SectionStart {
  line: number;
  kind: string;
  /** Its own name. */
  name: string | null;
  /** Its full path, shown as a chunk's `section`; null for what stands before all sections. */
  section: string | null;
}

/**
 * Cuts a file into sections, each up to the start of the next.
 *
 * @param starts in the order of the text.
 * @param preamble what lines before the first start are called.
 * @param cuts how well sections are cut before each line, as in a `UnitMap`.
 * @param isComment lines for which it holds, standing right above a start, belong to that start.
 */
export function cutSections(
  source: SourceText,
  starts: SectionStart[],
  preamble: SectionStart,
  {
    cuts,
    isComment = () => false,
  }: { cuts?: Uint8Array; isComment?: (line: string) => boolean } = {},
): UnitMap {
  const painter = new UnitPainter(source);
  const firsts: number[] = [];
  for (const { line } of starts) {
    const floor = firsts.at(-1) ?? 0;
    let first = line;
    while (first - 1 > floor && isComment(source.line(first - 1))) first -= 1;
    firsts.push(first);
  }
  const add = ({ kind, name, section }: SectionStart, first: number, last: number) => {
    if (last < first) return;
    const key = [kind, section ?? ""].join("\0");
    const place = { scope: [], container: null, isTest: false };
    painter.add({ kind, name, section, key, first, last, ...place });
  };
  const end = (index: number) => (firsts[index] ?? source.lineCount + 1) - 1;
  if (!isBlank(source, 1, end(0))) add(preamble, 1, end(0));
  for (const [index, start] of starts.entries()) {
    add(start, firsts[index] ?? start.line, end(index + 1));
  }
  return { ...painter.finish(), ...(cuts && { cuts }) };
}

function isBlank(source: SourceText, first: number, last: number): boolean {
  for (let line = first; line <= last; line += 1) if (!source.isBlank(line)) return false;
  return true;
}
