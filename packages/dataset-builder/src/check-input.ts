import { type HistorySplit, historyHash, StageError, splitRatios } from "@repotune/schema";
import type { History } from "./input/history.ts";
import type { TokenStream } from "./input/token-stream.ts";

/**
 * Refuses tokens of other commits.
 *
 * @throws {StageError} `E_MISMATCH`.
 */
export function checkHistory(stream: TokenStream, { graph }: History, path: string): void {
  if (stream.historyHash === historyHash(graph.hashes)) return;
  throw new StageError("E_MISMATCH", `${stream.path} was not made from the commits in ${path}.`, {
    hint: "The history has been scraped anew since: write the tokens anew as well.",
  });
}

/**
 * Refuses a vocabulary that has seen what a model is to be measured on, or holes in it: written for a
 * split that cuts later, or before branches moved and the same commits came to lie on other sides.
 *
 * @throws {StageError} `E_MISMATCH`.
 */
export function checkSplit(
  { path, trainedOnSplit, trainHash }: TokenStream,
  { graph }: History,
  { sides }: HistorySplit,
  split: string,
): void {
  if (trainedOnSplit === undefined) return;
  const [seen] = splitRatios(trainedOnSplit);
  const [train] = splitRatios(split);
  if (seen > train) {
    throw new StageError(
      "E_MISMATCH",
      `${path} was written for the train side of ${trainedOnSplit}, which reaches past that of ${split}.`,
      { hint: `Write the tokens with --split ${split}, or use ${trainedOnSplit} here.` },
    );
  }
  if (seen < train || trainHash === undefined) return;
  if (trainHash === historyHash(sides.train.map((commit) => graph.hashes[commit] ?? ""))) return;
  throw new StageError(
    "E_MISMATCH",
    `The vocabulary of ${path} was trained on other commits than those of the train side, or its holes are in others.`,
    { hint: "Branches have moved since: write the tokens anew." },
  );
}
