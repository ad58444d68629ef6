import type { SkippedStep } from "@repotune/schema";
import { layOut } from "./data/micro-batch.ts";
import { lossWeightOf, type Sequence } from "./data/sequence.ts";
import type { Engine } from "./engine/engine.ts";
import type { StepMeasure } from "./plan/guard.ts";

/** How a step is to be taken. */
export interface StepOrder {
  /** Number of the optimizer's step, from 1; skipped ones do not count. */
  number: number;
  learningRate: number;
  /** Numbers that dropout follows from. */
  seeds: readonly number[];
  /** Why the step would do harm, if it would. */
  judge(measure: StepMeasure): SkippedStep["reason"] | undefined;
}

/** What a step measured, and whether it was taken. */
export interface StepResult extends StepMeasure {
  /** Why nothing was changed. */
  fault: SkippedStep["reason"] | undefined;
}

/**
 * Adds up the gradients of a batch, a micro-batch at a time: the sum is that of the whole batch at
 * once, since all are divided by the loss weight of the whole.
 *
 * @param seeds numbers that dropout follows from.
 * @returns the batch's loss.
 */
export async function addBatchGradients(
  engine: Engine,
  sequences: readonly Sequence[],
  seeds: readonly number[] = [],
): Promise<number> {
  const size = engine.shape.sequences;
  const normaliser = lossWeightOf(sequences);
  if (normaliser === 0) return 0; // Nothing in it is to be learned.
  let loss = 0;
  for (let at = 0; at < sequences.length; at += size) {
    const batch = layOut(sequences.slice(at, at + size), engine.shape);
    loss += await engine.addGradients(batch, normaliser, [...seeds, at]);
  }
  return loss;
}

/** One optimizer step on `sequences`, unless it would do harm. */
export async function trainStep(
  engine: Engine,
  sequences: readonly Sequence[],
  { number, learningRate, seeds, judge }: StepOrder,
): Promise<StepResult> {
  const loss = await addBatchGradients(engine, sequences, seeds);
  const gradientNorm = await engine.gradientNorm();
  const fault = judge({ loss, gradientNorm });
  if (fault) engine.model.parameters.clearGradients();
  else await engine.step(number, learningRate, gradientNorm);
  return { loss, gradientNorm, fault };
}
