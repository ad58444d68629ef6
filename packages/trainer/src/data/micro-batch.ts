import { StageError } from "@repotune/schema";
import type { Sequence } from "./sequence.ts";

/** `B` sequences of at most `T` tokens, laid out for the device; n = B · T. */
export interface MicroBatch {
  /** `[n]`; 0 where a sequence is shorter than T. */
  tokens: Int32Array;
  /** Positions count from 0 in each piece, `[n]`. */
  positions: Int32Array;
  /** `[B, T, T]`: 0 where the row's token may attend to the column's, else -Infinity. */
  mask: Float32Array;
  /** Rows of which the next token is predicted, `[s]`. */
  rows: Int32Array;
  /** The next token of each, `[s]`. */
  targets: Int32Array;
  /** Its loss weight, 0 to 1, `[s]`. */
  weights: Float32Array;
}

/**
 * Lays sequences out side by side.
 *
 * @param wantsAll also selects rows whose loss weight is 0, as an evaluation needs them.
 * @throws {StageError} `E_INTERNAL` if there are more or longer sequences than fit.
 */
export function layOut(
  sequences: readonly Sequence[],
  shape: { sequences: number; sequenceLength: number },
  wantsAll = false,
): MicroBatch {
  const { sequences: B, sequenceLength: T } = shape;
  const tokens = new Int32Array(B * T);
  const positions = new Int32Array(B * T);
  const mask = new Float32Array(B * T * T).fill(Number.NEGATIVE_INFINITY);
  const rows: number[] = [];
  const targets: number[] = [];
  const weights: number[] = [];
  if (sequences.length > B) throw misfit(`${sequences.length} sequences`, `${B}`);

  for (let b = 0; b < B; b++) {
    let at = 0; // next free place of the sequence
    for (const piece of sequences[b] ?? []) {
      const { length } = piece.tokens;
      if (at + length > T) throw misfit(`a sequence of ${at + length} tokens`, `${T}`);
      for (let i = 0; i < length; i++) {
        const row = b * T + at + i;
        tokens[row] = piece.tokens[i] as number;
        positions[row] = i;
        mask.fill(0, row * T + at, row * T + at + i + 1);
        if (i < piece.predictFrom) continue;
        const weight = (piece.lossWeights[i] as number) / 100;
        if (weight === 0 && !wantsAll) continue;
        rows.push(row - 1);
        targets.push(piece.tokens[i] as number);
        weights.push(weight);
      }
      at += length;
    }
    // What is left attends to itself: a row without anything to attend to would be NaN.
    for (; at < T; at++) mask[(b * T + at) * T + at] = 0;
  }
  return {
    tokens,
    positions,
    mask,
    rows: Int32Array.from(rows),
    targets: Int32Array.from(targets),
    weights: Float32Array.from(weights),
  };
}

const misfit = (what: string, room: string) =>
  new StageError("E_INTERNAL", `A micro-batch cannot hold ${what}: there is room for ${room}.`);
