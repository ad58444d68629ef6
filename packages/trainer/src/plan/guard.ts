import type { SkippedStep } from "@repotune/schema";

/** Steps that a new one is compared with. */
export const GUARD_WINDOW = 64;
/** Distance from the median beyond which a value is no accident, in standard deviations; */
const OUTLIER_DEVIATIONS = 10;
/** of normally distributed values, this many times the median absolute deviation. */
const DEVIATION_FACTOR = 1.4826;
/** A loss is a spike only if it is also this much above the median, nats a token, */
const LOSS_GAP = 1;
/** and a norm only if it is this many times the median. */
const NORM_RATIO = 5;

/** What a step measured before it changed anything. */
export interface StepMeasure {
  /** Weighted mean loss of the batch, nats a token. */
  loss: number;
  /** L2 norm over all gradients, before clipping. */
  gradientNorm: number;
}

/**
 * Whether a step would do harm: why, or `undefined` if not.
 *
 * Losses and gradients that are not finite would destroy all weights. Spikes are outliers among the
 * last steps by Hampel's rule, median and median absolute deviation instead of mean and deviation, so
 * that earlier spikes do not count (Davies and Gather, https://doi.org/10.1080/01621459.1993.10476339);
 * that skipping them helps was seen in PaLM's training (https://arxiv.org/abs/2204.02311, section 5.1).
 * The limits are wide: a batch of strange text is no spike.
 *
 * @param history accepted steps, the newest last.
 * @param maxGradientNorm norms up to it are never spikes; longer ones are clipped to it anyway.
 * @param isWarm whether the warm-up is over; before, only what is not finite counts.
 */
export function faultOf(
  { loss, gradientNorm }: StepMeasure,
  history: readonly { loss: number; gradient_norm: number }[],
  maxGradientNorm: number,
  isWarm: boolean,
): SkippedStep["reason"] | undefined {
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) return "not_finite";
  if (!isWarm || history.length < GUARD_WINDOW) return undefined;
  const last = history.slice(-GUARD_WINDOW);
  const losses = spread(last.map((step) => step.loss));
  const norms = spread(last.map((step) => step.gradient_norm));
  if (loss > losses.median + Math.max(OUTLIER_DEVIATIONS * losses.deviation, LOSS_GAP)) {
    return "loss_spike";
  }
  const usual = Math.max(
    norms.median + OUTLIER_DEVIATIONS * norms.deviation,
    NORM_RATIO * norms.median,
    maxGradientNorm,
  );
  return gradientNorm > usual ? "gradient_spike" : undefined;
}

/** Median, and standard deviation as the median absolute deviation estimates it. */
function spread(values: readonly number[]): { median: number; deviation: number } {
  const median = medianOf(values);
  const deviation = DEVIATION_FACTOR * medianOf(values.map((value) => Math.abs(value - median)));
  return { median, deviation };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
