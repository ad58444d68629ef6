import { isQuantized, type Tensor } from "@repotune/ggml";
import type { Weight } from "../model/model.ts";
import type { BackwardPass, ForwardPass } from "./pass.ts";

/** The result of {@link linear}, and what its backward pass needs. */
export interface LinearResult {
  weight: Weight;
  bias: Weight | undefined;
  /** Input `[in, n]`. */
  x: Tensor;
  /** Output `[out, n]`. */
  y: Tensor;
  /** A·x of LoRA, `[rank, n]`. */
  z: Tensor | undefined;
}

/** y = W·x + b, plus scale · B·(A·x) where the weight has a low-rank correction. */
export function linear(
  { g }: ForwardPass,
  weight: Weight,
  x: Tensor,
  bias?: Weight | undefined,
): LinearResult {
  const product = g.mulMat(weight.tensor, x); // [out, n]
  const frozen = bias ? g.add(product, bias.tensor) : product; // b [out] repeats over n
  const { lora } = weight;
  if (!lora) return { weight, bias, x, y: frozen, z: undefined };
  const z = g.mulMat(lora.a.value, x); // [rank, n]
  const correction = g.scale(g.mulMat(lora.b.value, z), lora.scale); // [out, n]
  return { weight, bias, x, y: g.add(frozen, correction), z };
}

/**
 * Backward pass of {@link linear}.
 *
 * @param dy gradient of the output, `[out, n]`.
 * @returns gradient of the input, `[in, n]`, if wanted.
 */
export function linearBackward(
  pass: BackwardPass,
  { weight, bias, x, z }: LinearResult,
  dy: Tensor,
  wantsInput = true,
): Tensor | undefined {
  const { g } = pass;
  const { parameter, lora } = weight;
  if (parameter) pass.addGradient(parameter.gradient, weightGradient(pass, x, dy)); // [in, out]
  if (bias?.parameter) {
    const sums = g.sumRows(pass.transposed(dy)); // [1, out]
    pass.addGradient(bias.parameter.gradient, g.reshape(sums, dy.shape[0])); // [out]
  }
  let dx = wantsInput ? g.mulMat(transposedWeight(pass, weight), dy) : undefined; // [in, n]
  if (lora && z) {
    const dz = g.scale(g.mulMat(pass.transposed(lora.b.value), dy), lora.scale); // [rank, n]
    const db = weightGradient(pass, z, dy); // [rank, out]
    pass.addGradient(lora.b.gradient, g.scale(db, lora.scale));
    pass.addGradient(lora.a.gradient, weightGradient(pass, x, dz)); // [in, rank]
    if (dx) dx = g.add(dx, g.mulMat(pass.transposed(lora.a.value), dz));
  }
  return dx;
}

/** Σ over tokens of x ⊗ dy: `[in, n]`, `[out, n]` → `[in, out]`. */
function weightGradient(pass: BackwardPass, x: Tensor, dy: Tensor): Tensor {
  // As a product of rows: ggml's outer product is F32 only on GPUs and far slower on CPUs.
  return pass.g.mulMat(pass.transposed(x), pass.transposed(dy));
}

/**
 * Wᵀ `[out, in]`, which ggml has no product with: dequantised and transposed on the device, anew in
 * each pass, because it would take more memory than all quantised weights together.
 */
export function transposedWeight(pass: BackwardPass, { tensor }: Weight): Tensor {
  const { g, forward } = pass;
  if (tensor.type === "F32") return pass.transposed(tensor);
  const rows = g.getRows(tensor, g.part(forward.rowIds, 0, tensor.shape[1])); // [in, out], F32
  const transposed = g.transposed(rows); // [out, in]
  // On a GPU, eight bits take the fast integer kernels, where F16 may overflow and F32 is slow.
  const isGpu = forward.model.device.info.kind !== "cpu";
  const isWhole = tensor.shape[1] % 32 === 0;
  return isGpu && isWhole && isQuantized(tensor.type) ? g.cast(transposed, "Q8_0") : transposed;
}
