import type { Example } from "./examples.ts";

/** What stands for "no loss here" in labels, by the convention of PyTorch's cross entropy. */
const NO_LOSS = -100;

/** Ids to predict, aligned with the ids of an example; {@link NO_LOSS} where nothing is predicted. */
export function labelsOf(
  { ids, lossWeights, predictFrom }: Example,
  minLossWeight: number,
): number[] {
  return Array.from(ids, (id, i) =>
    i >= predictFrom && (lossWeights[i] as number) >= minLossWeight ? id : NO_LOSS,
  );
}
