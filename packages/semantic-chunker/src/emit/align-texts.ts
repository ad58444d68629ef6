import { CutDepth } from "../source/cut-depth.ts";
import type { CodeRow } from "./code-row.ts";

/**
 * Brings the rows of two sides into one order.
 *
 * Lines that occur once on either side, and in the same order on both, stand together, whatever
 * their indentation; equal ones become one row. What lies between them is mixed statement by
 * statement, so that equal shares of both sides stand before any row.
 */
export function alignTexts(before: CodeRow[], after: CodeRow[]): CodeRow[] {
  if (before.length === 0) return after;
  if (after.length === 0) return before;
  const rows: CodeRow[] = [];
  let [nextOld, nextNew] = [0, 0];
  for (const [i, j] of [...anchors(before, after), [before.length, after.length] as const]) {
    mix(before.slice(nextOld, i), after.slice(nextNew, j), rows);
    const old = before[i];
    const fresh = after[j];
    if (old && fresh) {
      if (old.text === fresh.text) rows.push({ ...fresh, old: old.old });
      else rows.push(old, fresh);
    }
    [nextOld, nextNew] = [i + 1, j + 1];
  }
  return rows;
}

/** Pairs of indexes of lines that are unique on both sides, the most that cross nowhere. */
function anchors(before: CodeRow[], after: CodeRow[]): [number, number][] {
  const news = uniqueLines(after);
  const pairs: [number, number][] = [];
  for (const [text, i] of uniqueLines(before)) {
    const j = news.get(text);
    if (i !== undefined && j !== undefined) pairs.push([i, j]);
  }
  return longestIncreasing(pairs);
}

/** Index of each line that holds a word; undefined for what occurs again. */
function uniqueLines(rows: CodeRow[]): Map<string, number | undefined> {
  const indexes = new Map<string, number | undefined>();
  for (const [index, { text }] of rows.entries()) {
    if (!/\w/.test(text)) continue;
    const key = text.trim();
    indexes.set(key, indexes.has(key) ? undefined : index);
  }
  return indexes;
}

/** The longest subsequence of pairs of which the second numbers ascend, by patience sorting. */
function longestIncreasing(pairs: [number, number][]): [number, number][] {
  /** Last pair of the best subsequence of each length, as an index, and what each follows. */
  const tails: number[] = [];
  const previous: (number | undefined)[] = [];
  for (const [index, [, value]] of pairs.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] ?? 0]?.[1] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    previous[index] = tails[low - 1];
    tails[low] = index;
  }
  const result: [number, number][] = [];
  for (let at = tails.at(-1); at !== undefined; at = previous[at]) {
    const pair = pairs[at];
    if (pair) result.push(pair);
  }
  return result.reverse();
}

/** Adds two lists of rows to `rows`, piece by piece, as far as each piece reaches into its list. */
function mix(before: CodeRow[], after: CodeRow[], rows: CodeRow[]): void {
  if (before.length === 0 || after.length === 0) {
    for (const row of [...before, ...after]) rows.push(row);
    return;
  }
  const pieces = [...piecesOf(before), ...piecesOf(after)];
  // Stable: of pieces at the same place, the old one stays first.
  for (const { list } of pieces.sort((a, b) => a.place - b.place)) {
    for (const row of list) rows.push(row);
  }
}

/** Rows from one statement to the next, and the share of the list that stands before them. */
function piecesOf(rows: CodeRow[]): { place: number; list: CodeRow[] }[] {
  const outermost = rows.reduce<number>(
    (least, { depth = 0 }) => Math.min(least, depth),
    CutDepth.inside,
  );
  const pieces: { place: number; list: CodeRow[] }[] = [];
  for (const [index, row] of rows.entries()) {
    const begins = (row.depth ?? 0) <= outermost;
    const last = pieces.at(-1);
    if (last && !begins) last.list.push(row);
    else pieces.push({ place: index / rows.length, list: [row] });
  }
  return pieces;
}
