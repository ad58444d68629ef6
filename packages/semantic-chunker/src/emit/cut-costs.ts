import { CutDepth } from "../source/cut-depth.ts";
import type { CodeRow } from "./code-row.ts";

/** Weight of cutting between the old and the new form of something, in levels of depth. */
const REPLACEMENT_LEVELS = 2;

/** What a level of depth weighs; less is what tells lines apart that no statement begins on. */
const LEVEL = 1024; // More than layout ever weighs.

/** From here on, a cut divides a statement; and from there on, it may divide a string or a comment. */
export const INSIDE_STATEMENT = LEVEL * CutDepth.inside;
export const INSIDE_TEXT = LEVEL * CutDepth.unknown;

/** Indentation that is told apart, in columns. */
const MAX_INDENTATION = 250;

/** Weight of cutting a paragraph of a comment or a string, in half columns of indentation. */
const PARAGRAPH = 64;

/** A cut before a blank row: those end a part rather than begin one. */
const BLANK = LEVEL * (CutDepth.unknown + 8);

/** Weight of dividing a statement of the side that a row is not on, in levels of depth. */
const OTHER_SIDE_LEVELS = 64;

/**
 * What it costs to cut before each row, the less the better: before what lies in the fewest lists of
 * statements, arms, fields or elements, on both sides. Where nothing begins, or it is not known,
 * before what is indented little, after a blank line rather than elsewhere.
 */
export function cutCosts(rows: CodeRow[]): Float64Array {
  const costs = new Float64Array(rows.length);
  /** Costs for either side of cutting before its next row. */
  const next = { old: 0, new: 0 };
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const row = rows[at];
    const before = rows[at - 1];
    if (!row) continue;
    const cost = costOf(row, before);
    if (row.old > 0) next.old = cost;
    if (row.new > 0) next.new = cost;
    const isReplacement = before?.new === 0 && row.old === 0;
    costs[at] = isBlank(row.text)
      ? BLANK
      : together(cost, row.old > 0 ? next.new : next.old) +
        (isReplacement ? REPLACEMENT_LEVELS * LEVEL : 0);
  }
  return costs;
}

/** @param other cost for the other side, of the same row or of a later one. */
function together(cost: number, other: number): number {
  if (cost >= INSIDE_STATEMENT || other < INSIDE_STATEMENT) return Math.max(cost, other);
  return cost + OTHER_SIDE_LEVELS * LEVEL;
}

function costOf({ text, depth }: CodeRow, before: CodeRow | undefined): number {
  if (depth !== undefined && depth < CutDepth.inside) return depth * LEVEL;
  const closes = /^[)\]}]/.test(text.trimStart()) ? 2 : 0;
  const indented = 2 * (Math.min(indentation(text), MAX_INDENTATION) + closes);
  // In a comment, the line between paragraphs holds its sign.
  const isParagraph = before && !/\w/.test(before.text);
  const layout = indented + (isParagraph ? 0 : depth === CutDepth.unknown ? PARAGRAPH : 1);
  return (depth ?? 0) * LEVEL + layout;
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

const isBlank = (text: string) => !/\S/.test(text);
