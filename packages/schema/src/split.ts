import { StageError } from "./error.ts";

/** Shares of train, validation and test; they sum to 1. */
export type SplitRatios = readonly [train: number, validation: number, test: number];

/** Ratios by name, as accepted on a command line. */
export const SPLIT_PRESETS: Record<string, SplitRatios> = {
  "70/15/15": [0.7, 0.15, 0.15],
  "85/10/5": [0.85, 0.1, 0.05],
  "90/10": [0.9, 0.05, 0.05],
};

/** Which side of the cuts a commit lies on. */
export type SplitSide = "train" | "validation" | "test";

/** Two cuts through a history. Commits are counted by `commit_number`, oldest first. */
export interface TemporalSplit {
  /** First `commit_number` of validation; all before it is train. */
  validationStart: number;
  /** First `commit_number` of test. */
  testStart: number;
  /** Commits in all. */
  total: number;
}

/**
 * Cuts a history of `total` commits in time, on commit boundaries.
 *
 * A function of the number of commits and the ratios alone, so that every stage that must not look
 * past the cut (vocabulary, tables, windows) finds it by itself. Each side gets at least one commit.
 *
 * @throws {StageError} `E_TOO_SMALL` below three commits, `E_USAGE` for ratios that do not sum to 1.
 */
export function temporalSplit(total: number, ratios: SplitRatios): TemporalSplit {
  const [train, validation, test] = ratios;
  if (ratios.some((r) => !(r > 0)) || Math.abs(train + validation + test - 1) > 1e-9) {
    throw new StageError("E_USAGE", `Split ratios ${ratios.join("/")} do not sum to 1.`, {
      hint: `Use one of ${Object.keys(SPLIT_PRESETS).join(", ")}.`,
    });
  }
  if (total < 3) {
    throw new StageError(
      "E_TOO_SMALL",
      `The history has ${total} ${total === 1 ? "commit" : "commits"}; a split into train, validation and test needs at least 3.`,
      { hint: "Choose a repository with more history, or unshallow this clone." },
    );
  }
  const validationStart = Math.min(Math.max(Math.round(total * train), 1), total - 2);
  const testStart = Math.min(
    Math.max(Math.round(total * (train + validation)), validationStart + 1),
    total - 1,
  );
  return { validationStart, testStart, total };
}

/** The side that the commit numbered `commitNumber` lies on. */
export const sideOf = (split: TemporalSplit, commitNumber: number): SplitSide =>
  commitNumber < split.validationStart
    ? "train"
    : commitNumber < split.testStart
      ? "validation"
      : "test";

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
