/**
 * Measurements since the last progress: since the loss was last lower by `minGain` than at the progress
 * before, as Keras and Hugging Face's trainer count.
 *
 * @param losses validation losses, that before the training first.
 */
export function measurementsWithoutProgress(losses: readonly number[], minGain: number): number {
  let reference = Number.POSITIVE_INFINITY;
  let since = 0;
  for (const loss of losses) {
    if (loss < reference - minGain) {
      reference = loss;
      since = 0;
    } else since += 1;
  }
  return since;
}
