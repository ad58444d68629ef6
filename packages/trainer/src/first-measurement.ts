import { type Evaluation, StageError } from "@repotune/schema";
import type { Batches } from "./data/batches.ts";
import { evenlySpaced } from "./data/order.ts";
import { evaluate } from "./evaluate.ts";
import type { Budget } from "./plan/budget.ts";
import type { StepTimer } from "./plan/step-timer.ts";
import type { TrainingParts } from "./training.ts";
import { addBatchGradients } from "./training-step.ts";

/** What is known before the first step. */
export interface FirstMeasurement {
  /** Sequences of the validation split that fit into the time. */
  validationCount: number;
  /** Seconds of a measurement of them. */
  evaluationSeconds: number;
  /** The untrained model's quality. */
  before: Evaluation;
}

/**
 * Finds out how long a step and a measurement of the validation split take, and tells the budget.
 *
 * @throws {StageError} `E_DIVERGED` if the untrained model's loss is not finite; `E_INTERRUPTED`.
 */
export async function measureFirst(
  { dataset, engine, settings, context, clock, recorder }: TrainingParts,
  batches: Batches,
  budget: Budget,
  timer: StepTimer,
): Promise<FirstMeasurement> {
  const sequences = await batches.read(0, settings.batchSize);
  await addBatchGradients(engine, sequences.slice(0, engine.shape.sequences)); // fills caches
  const timings: number[] = [];
  // Twice where threads are tuned: with all of them, and with half.
  for (let i = 0; i < (settings.tunesThreads ? 2 : 1); i++) {
    timings.push((await timer.time(() => addBatchGradients(engine, sequences))).seconds);
  }
  budget.recordStep(Math.min(...timings));
  engine.model.parameters.clearGradients();

  const wanted = Math.ceil(settings.validationTokens / settings.sequenceLength);
  // A forward pass is about a third of a step.
  const seconds = budget.stepSeconds / settings.batchSize / 3;
  const validationCount = budget.evaluationSequences(wanted, seconds);
  const began = clock();
  const { validation } = dataset;
  const indices = evenlySpaced(validation.length, validationCount, settings.seed);
  const quality = await evaluate(engine, validation, indices, context.signal);
  if (!Number.isFinite(quality.loss)) {
    throw new StageError("E_DIVERGED", `Before any training, the loss is ${quality.loss}.`);
  }
  const before = { step: 0, epoch: 0, ...quality };
  await recorder.onEvaluation(before);
  const evaluationSeconds = clock() - began;
  budget.evaluationSeconds = evaluationSeconds;
  return { validationCount, evaluationSeconds, before };
}
