/** From here on, a commit counts as high risk. */
export const HIGH_RISK = 0.7;

/** Where each part of the score is full: 1,000 lines, 50 files, 20 folders. */
const FULL = { lines: 1000, files: 50, directories: 20 };

/**
 * Size and spread of a change, from 0 to 1, to three decimals:
 *
 *     0.5 · part(lines, 1000) + 0.3 · part(files, 50) + 0.2 · part(directories, 20)
 *     part(n, full) = min(1, log2(1 + n) / log2(1 + full))
 *
 * The logarithm is there because sizes of changes spread over orders of magnitude.
 */
export function complexityScore(change: {
  lines: number;
  files: number;
  directories: number;
}): number {
  const score =
    0.5 * part(change.lines, FULL.lines) +
    0.3 * part(change.files, FULL.files) +
    0.2 * part(change.directories, FULL.directories);
  return Math.round(score * 1000) / 1000;
}

const part = (value: number, full: number) =>
  Math.min(1, Math.log2(1 + value) / Math.log2(1 + full));
