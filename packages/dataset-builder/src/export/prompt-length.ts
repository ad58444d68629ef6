import type { Example } from "./examples.ts";

/**
 * Where a document's prompt ends and its completion begins.
 *
 * The prompt is what is given: everything up to the last token without loss, such as the code before a
 * change. If less than half of the loss follows that token, because given and wanted text alternate,
 * the completion begins with the first token that bears loss.
 *
 * @returns tokens of the prompt, at least 1.
 */
export function promptLength({ ids, lossWeights }: Example, minLossWeight: number): number {
  let lastGiven = 0;
  let first = -1;
  let total = 0;
  let after = 0;
  for (let i = 1; i < ids.length; i++) {
    const weight = lossWeights[i] as number;
    if (weight < minLossWeight) {
      lastGiven = i;
      after = 0;
      continue;
    }
    if (first < 0) first = i;
    total += weight;
    after += weight;
  }
  if (first < 0) return ids.length;
  return 2 * after >= total ? lastGiven + 1 : first;
}
