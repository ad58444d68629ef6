import type { ShownToken } from "./shown-token.ts";

/** A part of a token that stands in one row. */
export interface ShownPart {
  text: string;
  token: ShownToken;
  /** Position of the token in the document. */
  index: number;
}

/** Tokens of the same weight, side by side. */
export interface TokenRow {
  weight: number;
  parts: ShownPart[];
}

/**
 * Lays tokens out in rows: a new one where a line of the text ends, where the weight changes, and
 * where the row is full. Empty lines are no rows of their own.
 *
 * @param width characters of a row; a token that is longer stands alone.
 * @param separator characters between two tokens.
 */
export function* tokenRows(
  tokens: Iterable<ShownToken>,
  width: number,
  separator: number,
): Generator<TokenRow> {
  let row: TokenRow | undefined;
  let used = 0;
  let index = 0;
  for (const token of tokens) {
    for (const text of linesOf(token)) {
      const isFull = used > 0 && used + separator + text.length > width;
      if (row && (isFull || row.weight !== token.weight)) {
        yield row;
        row = undefined;
      }
      if (!row) used = 0;
      row ??= { weight: token.weight, parts: [] };
      row.parts.push({ text, token, index });
      used += separator + text.length;
      if (!text.endsWith("↵")) continue;
      yield row;
      row = undefined;
    }
    index += 1;
  }
  if (row) yield row;
}

/** A token's text, cut after each run of line ends. */
function linesOf({ text, breaks }: ShownToken): string[] {
  const lines: string[] = [];
  let start = 0;
  for (const [i, end] of breaks.entries()) {
    if (breaks[i + 1] === end + 1) continue;
    lines.push(text.slice(start, end));
    start = end;
  }
  if (start < text.length || lines.length === 0) lines.push(text.slice(start));
  return lines;
}
