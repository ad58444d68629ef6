import type { CodeRow } from "./code-row.ts";

/** A part is cut no earlier than at this share of what it may hold. */
const EARLIEST_CUT = 0.5;

/** Weight of not cutting between the old and the new form of a line, in columns of indentation. */
const REPLACEMENT_COST = 8;

/**
 * Divides rows into parts of which neither side is longer than `maxBytes`, unless a single line is.
 *
 * A part ends before a line that is indented little, which in practice is where a statement, an arm
 * or a field begins, in any language.
 */
export function splitRows(rows: CodeRow[], maxBytes: number): CodeRow[][] {
  const parts: CodeRow[][] = [];
  let start = 0;
  let used = { old: 0, new: 0 };
  const sizes = rows.map((row) => Buffer.byteLength(row.text) + 1);
  const sizeOf = (from: number, to: number) => {
    const size = { old: 0, new: 0 };
    for (let at = from; at < to; at += 1) grow(size, rows[at], sizes[at]);
    return size;
  };
  for (let at = 0; at < rows.length; at += 1) {
    const next = { ...used };
    grow(next, rows[at], sizes[at]);
    if (Math.max(next.old, next.new) > maxBytes && at > start) {
      const cut = bestCut(rows, sizes, start, at, maxBytes);
      parts.push(rows.slice(start, cut));
      start = cut;
      used = sizeOf(start, at);
      at -= 1; // The row is tried again in the part that begins.
      continue;
    }
    used = next;
  }
  if (start < rows.length) parts.push(rows.slice(start));
  return parts;
}

function grow(size: { old: number; new: number }, row: CodeRow | undefined, bytes = 0): void {
  if (row && row.old > 0) size.old += bytes;
  if (row && row.new > 0) size.new += bytes;
}

/** First row of the next part: after `start`, at most `limit`. */
function bestCut(
  rows: CodeRow[],
  sizes: number[],
  start: number,
  limit: number,
  maxBytes: number,
): number {
  const size = { old: 0, new: 0 };
  let best = limit;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let at = start; at <= limit; at += 1) {
    const isLate = Math.max(size.old, size.new) >= EARLIEST_CUT * maxBytes;
    if (at > start && (isLate || at === limit)) {
      const cost = costOfCut(rows[at - 1], rows[at]);
      if (cost <= bestCost) {
        best = at;
        bestCost = cost;
      }
    }
    grow(size, rows[at], sizes[at]);
  }
  return best;
}

function costOfCut(before: CodeRow | undefined, after: CodeRow | undefined): number {
  const text = after?.text ?? "";
  if (text.trim() === "") return 1000; // Blank lines end a part rather than begin one.
  const closes = /^\s*[)\]}]/.test(text) ? 2 : 0;
  const isReplacement = before?.new === 0 && after?.old === 0;
  return indentation(text) + closes + (isReplacement ? REPLACEMENT_COST : 0);
}

/** Columns of white space before the text; a tab counts for four. */
function indentation(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (character === " ") columns += 1;
    else if (character === "\t") columns += 4;
    else break;
  }
  return columns;
}
