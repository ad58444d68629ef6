import { StageError } from "../error.ts";

/** Shares of train, validation and test; they sum to 1. */
export type SplitRatios = readonly [train: number, validation: number, test: number];

/** Ratios by name, as accepted on a command line. */
export const SPLIT_PRESETS: Record<string, SplitRatios> = {
  "70/15/15": [0.7, 0.15, 0.15],
  "85/10/5": [0.85, 0.1, 0.05],
  "90/10": [0.9, 0.05, 0.05],
};

/**
 * Ratios from a preset's name.
 *
 * @throws {StageError} `E_USAGE` for an unknown name.
 */
export function splitRatios(preset: string): SplitRatios {
  const ratios = SPLIT_PRESETS[preset];
  if (ratios) return ratios;
  throw new StageError("E_USAGE", `Unknown split "${preset}".`, {
    hint: `Use one of ${Object.keys(SPLIT_PRESETS).join(", ")}.`,
  });
}

/**
 * Refuses ratios that are no shares of a whole.
 *
 * @throws {StageError} `E_USAGE`.
 */
export function checkRatios(ratios: SplitRatios): void {
  const sum = ratios.reduce((total, ratio) => total + ratio, 0);
  if (ratios.every((ratio) => ratio > 0) && Math.abs(sum - 1) < 1e-9) return;
  throw new StageError("E_USAGE", `Split ratios ${ratios.join("/")} do not sum to 1.`, {
    hint: `Use one of ${Object.keys(SPLIT_PRESETS).join(", ")}.`,
  });
}
