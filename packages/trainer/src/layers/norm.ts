import type { GraphBuilder, Tensor } from "@repotune/ggml";
import type { Model, Weight } from "../model/model.ts";
import type { BackwardPass, ForwardPass } from "./pass.ts";

/** The result of {@link norm}, and what its backward pass needs. */
export interface NormResult {
  weight: Weight;
  bias: Weight | undefined;
  /** Input `[d, n]`. */
  x: Tensor;
  /** Input scaled to a mean square or a variance of 1, `[d, n]`. */
  unit: Tensor;
  /** Output `[d, n]`. */
  y: Tensor;
}

/**
 * RMSNorm (Zhang and Sennrich, https://arxiv.org/abs/1910.07467), y = x / rms(x) · w, or LayerNorm
 * (Ba et al., https://arxiv.org/abs/1607.06450), y = (x - mean(x)) / deviation(x) · w + b, whichever
 * the architecture has; with the bias of the weight's name, if the model has one.
 *
 * @param x `[d, n]`
 */
export function norm({ g, model }: ForwardPass, weight: Weight, x: Tensor): NormResult {
  const { normEpsilon } = model.config;
  const unit = isLayerNorm(model) ? g.layerNorm(x, normEpsilon) : g.rmsNorm(x, normEpsilon); // [d, n]
  const scaled = g.multiply(unit, weight.tensor); // w [d] repeats over n
  const bias = model.find(weight.name.replace(/weight$/, "bias"));
  return { weight, bias, x, unit, y: bias ? g.add(scaled, bias.tensor) : scaled };
}

/**
 * Backward pass of {@link norm}.
 *
 * @param dy gradient of the output, `[d, n]`.
 * @returns gradient of the input, `[d, n]`, if wanted.
 */
export function normBackward(
  pass: BackwardPass,
  { weight, bias, x, unit }: NormResult,
  dy: Tensor,
  wantsInput = true,
): Tensor | undefined {
  const { g } = pass;
  const { model } = pass.forward;
  if (weight.parameter) addSums(pass, weight.parameter.gradient, g.multiply(dy, unit));
  if (bias?.parameter) addSums(pass, bias.parameter.gradient, dy);
  if (!wantsInput) return undefined;
  const dUnit = g.multiply(dy, weight.tensor); // [d, n]
  const { normEpsilon } = model.config;
  if (!isLayerNorm(model)) return g.rmsNormBack(dUnit, x, normEpsilon);
  // LayerNorm is RMSNorm of what is centred, and centring is its own vector-Jacobian product.
  return centred(g, g.rmsNormBack(dUnit, centred(g, x), normEpsilon));
}

/** A norm that some models have, in a place where others have none. */
export interface OptionalNorm {
  /** Output, in the shape of the input. */
  y: Tensor;
  /** From the gradient of `y` to that of the input. */
  backward(pass: BackwardPass, dy: Tensor): Tensor;
}

/**
 * The norm `name` of GGUF, if the model has it; otherwise `x` itself.
 *
 * @param x `[k · d, n]`, of which each `d` elements, as many as the weight has, are normalised.
 */
export function optionalNorm(pass: ForwardPass, name: string, x: Tensor): OptionalNorm {
  const weight = pass.model.find(`${name}.weight`);
  if (!weight) return { y: x, backward: (_, dy) => dy };
  const { g } = pass;
  const [d] = weight.tensor.shape;
  const [width, n] = x.shape;
  const rows = (t: Tensor) => g.reshape(t, d, (width / d) * n); // [d, k · n]
  const result = norm(pass, weight, rows(x));
  return {
    y: g.reshape(result.y, width, n),
    backward: (back, dy) => g.reshape(normBackward(back, result, rows(dy)) as Tensor, width, n),
  };
}

/** Adds Σ over tokens of `x` `[d, n]` to a gradient `[d]`. */
function addSums(pass: BackwardPass, gradient: Tensor, x: Tensor): void {
  const { g } = pass;
  const sums = g.sumRows(g.transposed(x)); // [1, d]
  pass.addGradient(gradient, g.reshape(sums, x.shape[0])); // [d]
}

/** x - mean(x), over rows. */
const centred = (g: GraphBuilder, x: Tensor) =>
  g.subtract(x, g.scale(g.sumRows(x), 1 / x.shape[0])); // mean [1, n] repeats over d

const isLayerNorm = ({ architecture }: Model) => architecture.norm === "layer";
