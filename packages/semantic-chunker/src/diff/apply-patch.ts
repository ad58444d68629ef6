import type { SourceText } from "../source/source-text.ts";
import type { FilePatch } from "./patch.ts";

/**
 * Applies a patch to the text it was made from.
 *
 * @returns undefined if the text is not that.
 */
export function applyPatch(source: SourceText, { hunks, rows }: FilePatch): string | undefined {
  const parts: string[] = [];
  let next = 1;
  let isUnterminated = false;
  const copyTo = (last: number) => {
    if (last < next) return;
    parts.push(source.lines(next, last));
    next = last + 1;
  };
  for (const hunk of hunks) {
    copyTo(hunk.oldStart - 1);
    for (const row of rows.slice(hunk.start, hunk.end)) {
      if (row.sign !== "+") {
        if (row.old !== next || source.line(row.old) !== row.text) return undefined;
        next += 1;
      }
      if (row.sign !== "-") {
        parts.push(row.text);
        isUnterminated = row.isUnterminated;
      }
    }
  }
  if (next <= source.lineCount) {
    copyTo(source.lineCount);
    isUnterminated = !source.text.endsWith("\n");
  }
  const text = parts.join("\n");
  return parts.length === 0 || isUnterminated ? text : `${text}\n`;
}
