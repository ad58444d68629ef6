import type { Progress } from "./schedule.ts";

/** When the validation split is measured. */
export interface MeasurementPlan {
  /** Evenly spaced measurements over the schedule; 0 where they come every so many steps. */
  evaluations: number;
  /** Steps from one measurement to the next, or 0. */
  everySteps: number;
  /** Whether each epoch ends with one. */
  isEachEpoch: boolean;
}

/**
 * How many measurements were due up to a moment of a training. Another one is due whenever the number
 * grows; those that fall on the same step are one.
 *
 * @param epochs passes over the training data so far.
 */
export function measurementsDue(plan: MeasurementPlan, progress: Progress, epochs: number): number {
  const { evaluations, everySteps, isEachEpoch } = plan;
  const { step, planned, share } = progress;
  // Shares and epochs are sums and quotients, not exact.
  const spaced = Math.floor(evaluations * share + 1e-9);
  const regular = everySteps > 0 ? Math.floor(step / everySteps) : 0;
  const ends = isEachEpoch ? Math.floor(epochs + 1e-9) : 0;
  return spaced + regular + ends + (step >= planned ? 1 : 0);
}
