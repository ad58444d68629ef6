import type { TrainingReport } from "@repotune/schema";

type Step = TrainingReport["loss_history"][number];

/**
 * What steps measured, a list for each figure: eight bytes a number, where an object for each step
 * takes three times as much and spreads over the heap. Plain data, to be written as JSON.
 */
export type LossHistory = { [Figure in keyof Step]: Step[Figure][] };

/** A history without steps. */
export const emptyLossHistory = (): LossHistory => ({
  step: [],
  loss: [],
  learning_rate: [],
  gradient_norm: [],
  tokens: [],
});

/** Adds a step at the end. */
export function recordStep(history: LossHistory, step: Step): void {
  for (const figure of Object.keys(history) as (keyof Step)[]) history[figure].push(step[figure]);
}

/**
 * The steps of a history.
 *
 * @param newest how many of them, the newest last.
 * @default all
 */
export function stepsOf(history: LossHistory, newest = history.step.length): Step[] {
  const begin = Math.max(0, history.step.length - newest);
  return history.step.slice(begin).map((step, i) => ({
    step,
    loss: history.loss[begin + i] as number,
    learning_rate: history.learning_rate[begin + i] as number,
    gradient_norm: history.gradient_norm[begin + i] as number,
    tokens: history.tokens[begin + i] as number,
  }));
}
