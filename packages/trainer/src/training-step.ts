import { StageError } from "@repotune/schema";
import { layOut } from "./data/micro-batch.ts";
import { lossWeightOf, type Sequence } from "./data/sequence.ts";
import type { Engine } from "./engine/engine.ts";

/** What a step measured. */
export interface StepResult {
  /** Weighted mean loss of the batch, nats a token. */
  loss: number;
  /** L2 norm over all gradients, before clipping. */
  gradientNorm: number;
}

/**
 * Adds up the gradients of a batch, a micro-batch at a time: the sum is that of the whole batch at
 * once, since all are divided by the loss weight of the whole.
 *
 * @returns the batch's loss.
 */
export async function addBatchGradients(
  engine: Engine,
  sequences: readonly Sequence[],
): Promise<number> {
  const size = engine.shape.sequences;
  const normaliser = lossWeightOf(sequences);
  if (normaliser === 0) return 0; // Nothing in it is to be learned.
  let loss = 0;
  for (let at = 0; at < sequences.length; at += size) {
    const batch = layOut(sequences.slice(at, at + size), engine.shape);
    loss += await engine.addGradients(batch, normaliser);
  }
  return loss;
}

/**
 * One optimizer step on `sequences`.
 *
 * @param step from 1.
 * @throws {StageError} `E_USAGE` if loss or gradient are no longer finite; the weights are then
 *   those of the step before.
 */
export async function trainStep(
  engine: Engine,
  sequences: readonly Sequence[],
  step: number,
  learningRate: number,
): Promise<StepResult> {
  const loss = await addBatchGradients(engine, sequences);
  const gradientNorm = await engine.gradientNorm();
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
    throw new StageError(
      "E_USAGE",
      `The training diverged: in step ${step} the loss is ${loss} and the gradient's norm ${gradientNorm}, at a learning rate of ${learningRate.toPrecision(3)}.`,
      { hint: "Choose a lower --learning-rate. The last checkpoint is kept." },
    );
  }
  await engine.step(step, learningRate, gradientNorm);
  return { loss, gradientNorm };
}
