import { createHash } from "node:crypto";
import type { FimLayout } from "../vocabulary/fim-tokens.ts";
import { LOSS_WEIGHTS } from "./loss-weights.ts";
import { mark, type Piece, type TextPiece, type WeightedText } from "./piece.ts";

/** A part of a text that a model is to fill in, in UTF-16 code units, between whole characters. */
export interface Hole {
  layout: FimLayout;
  start: number;
  end: number;
}

/**
 * Draws whether a unit's code gets a hole, and where: both ends anywhere between two characters, as
 * likely as any other (https://arxiv.org/abs/2207.14255, section 3).
 *
 * The lot falls by the chunk's id, so that it is the same in each run.
 *
 * @param rate share of units with a hole, 0 to 1.
 * @param layouts those that the vocabulary is used to, each as likely.
 */
export function drawHole(
  { chunk_id, new_code }: { chunk_id: string; new_code: string | null },
  rate: number,
  layouts: readonly FimLayout[],
): Hole | undefined {
  const lots = createHash("sha256").update(`fim ${chunk_id}`).digest();
  /** The `nth` lot, 0 ≤ lot < 1. */
  const lot = (nth: number) => lots.readUInt32LE(nth * 4) / 2 ** 32;
  const layout = layouts[Math.floor(lot(1) * layouts.length)];
  if (layout === undefined || !new_code || lot(0) >= rate) return undefined;
  const cut = (nth: number) =>
    characterStart(new_code, Math.floor(lot(nth) * (new_code.length + 1)));
  const [start, end] = [cut(2), cut(3)].sort((a, b) => a - b) as [number, number];
  return { layout, start, end };
}

/** The position itself, or the one before it where that would cut a surrogate pair in two. */
function characterStart(text: string, position: number): number {
  const isLow = (text.charCodeAt(position) & 0xfc00) === 0xdc00;
  const isAfterHigh = (text.charCodeAt(position - 1) & 0xfc00) === 0xd800;
  return isLow && isAfterHigh ? position - 1 : position;
}

/** A text with its middle moved to the end. Each part weighs what it weighs in its place. */
export function withHole(parts: readonly WeightedText[], { layout, start, end }: Hole): Piece[] {
  const prefix = slice(parts, 0, start);
  const middle = slice(parts, start, end);
  const suffix = slice(parts, end, Number.POSITIVE_INFINITY);
  const { hole } = LOSS_WEIGHTS;
  const [before, behind, fill] = [
    mark("<FIM_PREFIX>", hole),
    mark("<FIM_SUFFIX>", hole),
    mark("<FIM_MIDDLE>", hole),
  ];
  const layouts: Record<FimLayout, Piece[]> = {
    PSM: [before, prefix, behind, suffix, fill, middle],
    SPM: [before, behind, suffix, fill, prefix, middle],
    SP: [behind, suffix, before, prefix, middle],
  };
  return layouts[layout];
}

/** The characters `start … end` of a text in parts. */
function slice(parts: readonly WeightedText[], start: number, end: number): TextPiece {
  let at = 0;
  const cut = parts.map(({ text, weight }) => {
    const piece = text.slice(Math.max(0, start - at), Math.max(0, end - at));
    at += text.length;
    return { text: piece, weight };
  });
  return { kind: "text", parts: cut.filter(({ text }) => text !== "") };
}
