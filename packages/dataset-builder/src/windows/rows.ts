import type { BuildOptions } from "../options.ts";
import { contextTargetWindows } from "./context-target.ts";
import { packDocuments } from "./pack-documents.ts";

/** Three numbers about a piece or a window, as `WINDOW_TENSORS` describes them. */
export type Row = readonly [number, number, number];

/** A row, and the tokens that the piece or window holds. */
export interface SizedRow {
  row: Row;
  length: number;
}

/** Pieces or windows over a side's documents. */
export function* rowsOf(offsets: readonly number[], options: BuildOptions): Generator<SizedRow> {
  if (options.objective === "causal") {
    for (const { sequence, start, length } of packDocuments(offsets, options.sequenceLength)) {
      yield { row: [sequence, start, length], length };
    }
  } else {
    for (const { start, targetStart, end } of contextTargetWindows(offsets.at(-1) ?? 0, options)) {
      yield { row: [start, targetStart, end], length: end - start };
    }
  }
}

/**
 * Windows that begin among a side's `tokens` and would end on the next one, were the sides one stream.
 * Pieces lie within documents: there are none.
 */
export function windowsAcrossEnd(
  tokens: number,
  { objective, contextLength, targetLength, stride }: BuildOptions,
): number {
  if (objective === "causal" || tokens === 0) return 0;
  const begun = Math.floor((tokens - 1) / stride) + 1;
  const whole = Math.max(0, Math.floor((tokens - contextLength - targetLength) / stride) + 1);
  return begun - whole;
}
