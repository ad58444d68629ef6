import { type GgmlType, isQuantized, type Tensor } from "@repotune/ggml";
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
  /** scale · A·x of LoRA, `[rank, n]`. */
  z: Tensor | undefined;
  /** Dropout of the correction's input, `[in, n]`. */
  mask?: Tensor | undefined;
}

/**
 * y = W·x + b, plus scale · B·(A·dropout(x)) where the weight has a low-rank correction, as in PEFT
 * (peft/tuners/lora/layer.py).
 */
export function linear(
  { g, dropout }: ForwardPass,
  weight: Weight,
  x: Tensor,
  bias?: Weight | undefined,
): LinearResult {
  const product = g.mulMat(weight.tensor, x); // [out, n]
  const frozen = bias ? g.add(product, bias.tensor) : product; // b [out] repeats over n
  const { lora } = weight;
  if (!lora) return { weight, bias, x, y: frozen, z: undefined };
  const mask = dropout?.mask(g, weight.name, x.shape[0]); // [in, n]
  const input = mask ? g.multiply(x, mask) : x; // [in, n]
  const z = g.scale(g.mulMat(lora.a.value, input), lora.scale); // [rank, n]
  // Rows of B and z are too short for products of rows: summing outer products is faster.
  const correction = g.outerProduct(g.transposed(lora.b.value), g.transposed(z)); // [out, n]
  return { weight, bias, x, y: g.add(frozen, correction), z, mask };
}

/**
 * Backward pass of {@link linear}.
 *
 * @param dy gradient of the output, `[out, n]`.
 * @returns gradient of the input, `[in, n]`, if wanted.
 */
export function linearBackward(
  pass: BackwardPass,
  { weight, bias, x, z, mask }: LinearResult,
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
    pass.addGradient(lora.b.gradient, g.transposed(g.outerProduct(dy, z))); // [rank, out]
    pass.addGradient(lora.a.gradient, g.outerProduct(mask ? g.multiply(x, mask) : x, dz)); // [in, rank]
    if (dx) {
      const dInput = g.outerProduct(lora.a.value, g.transposed(dz)); // [in, n]
      dx = g.add(dx, mask ? g.multiply(dInput, mask) : dInput);
    }
  }
  return dx;
}

/** Σ over tokens of x ⊗ dy: `[in, n]`, `[out, n]` → `[in, out]`. */
function weightGradient(pass: BackwardPass, x: Tensor, dy: Tensor): Tensor {
  // As a product of rows: ggml's outer product of wide matrices is far slower on CPUs.
  return pass.g.mulMat(pass.transposed(x), pass.transposed(dy));
}

/**
 * Wᵀ `[out, in]`, which ggml has no product with: kept where memory allows, otherwise dequantised and
 * transposed on the device, anew in each pass.
 */
export function transposedWeight(pass: BackwardPass, weight: Weight): Tensor {
  const { tensor, transposed } = weight;
  if (transposed) return isHalf(transposed.type) ? pass.g.cast(transposed, "F32") : transposed;
  if (tensor.type === "F32") return pass.transposed(tensor);
  return transposedRows(pass, weight, 0, tensor.shape[1]);
}

/** Rows `start … start + count` of a frozen W, dequantised and transposed: `[count, in]`. */
export function transposedRows(
  { g, forward }: BackwardPass,
  { tensor }: Weight,
  start: number,
  count: number,
): Tensor {
  const rows = g.getRows(tensor, g.slice(forward.rowIds, 0, start, count)); // [in, count], F32
  const transposed = g.transposed(rows); // [count, in]
  // On a GPU, eight bits take the fast integer kernels, and F32 is slow.
  const isGpu = forward.model.device.info.kind !== "cpu";
  return isGpu && count % 32 === 0 && isQuantized(tensor.type)
    ? g.cast(transposed, "Q8_0")
    : transposed;
}

/** Products in half precision also round the gradient, which may be too small for it. */
const isHalf = (type: GgmlType) => type === "F16" || type === "BF16";
