import type { Tensor } from "@repotune/ggml";
import type { Weight } from "../model/model.ts";
import type { BackwardPass, ForwardPass } from "./pass.ts";

/** The result of {@link norm}, and what its backward pass needs. */
export interface NormResult {
  weight: Weight;
  /** Input `[d, n]`. */
  x: Tensor;
  /** Input scaled to a mean square of 1, `[d, n]`. */
  unit: Tensor;
  /** Output `[d, n]`. */
  y: Tensor;
}

/** RMSNorm (Zhang and Sennrich, https://arxiv.org/abs/1910.07467): y = x / rms(x) · w. */
export function norm({ g, model }: ForwardPass, weight: Weight, x: Tensor): NormResult {
  const unit = g.rmsNorm(x, model.config.normEpsilon); // [d, n]
  return { weight, x, unit, y: g.multiply(unit, weight.tensor) }; // w [d] repeats over n
}

/**
 * Backward pass of {@link norm}.
 *
 * @param dy gradient of the output, `[d, n]`.
 * @returns gradient of the input, `[d, n]`, if wanted.
 */
export function normBackward(
  pass: BackwardPass,
  { weight, x, unit }: NormResult,
  dy: Tensor,
  wantsInput = true,
): Tensor | undefined {
  const { g, forward } = pass;
  if (weight.parameter) {
    const [d] = x.shape;
    const sums = g.sumRows(g.transposed(g.multiply(dy, unit))); // [1, d]
    pass.addGradient(weight.parameter.gradient, g.reshape(sums, d)); // [d]
  }
  if (!wantsInput) return undefined;
  return g.rmsNormBack(g.multiply(dy, weight.tensor), x, forward.model.config.normEpsilon);
}
