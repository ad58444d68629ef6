import { isLine } from "./masks.mjs";

/**
 * Compares a chunk's code with the file's lines in its `line_range`: its lines stand there in that
 * order, the first in the first line (behind a licence header that was left out, if there is one).
 * What stands between them is other units', members of a type, say.
 *
 * @param lines of the file.
 * @returns what is wrong, or undefined.
 */
export function compareCode(code, range, headerLines, lines) {
  if (code === null || range === null) {
    return code && range === null ? "code without a line_range" : undefined;
  }
  const [first, last] = range;
  if (code === "" && headerLines > 0) return undefined; // Nothing but the header.
  if (last > lines.length) return "a line_range beyond the end of the file";
  let at = first - 1;
  const own = code.split("\n");
  for (const [index, line] of own.entries()) {
    while (at < last && !isLine(line, lines[at])) at += 1;
    if (at >= last) return "code that is not in its line_range";
    if (index === 0 && headerLines === 0 && at !== first - 1) {
      return "code that does not begin with its line_range";
    }
    at += 1;
  }
  return undefined;
}
