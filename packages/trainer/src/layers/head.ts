import type { Tensor } from "@repotune/ggml";
import type { Weight } from "../model/model.ts";
import { transposedRows, transposedWeight } from "./linear.ts";
import { norm, normBackward } from "./norm.ts";
import type { BackwardPass, ForwardPass } from "./pass.ts";

/** Tokens to predict, on the device: `s` at a time. */
export interface HeadTensors {
  /** Rows of the micro-batch that predict, `I32` `[s]`. */
  rows: Tensor;
  /** Place of the right token's probability in all probabilities, `I32` `[s]`: id + i · vocabulary. */
  targets: Tensor;
  /** Weight of each in the loss, `F32` `[1, s]`; 0 for rows that only fill up. */
  weights: Tensor;
  /** Result: negative log-likelihood of each in nats, `F32` `[1, s]`. */
  losses: Tensor;
  /** Result: most probable token of each, `I32` `[s]`. */
  predictions: Tensor;
}

/**
 * Rows of the vocabulary whose gradients are computed at once. Transposing all logits would read
 * memory in strides of a large power of two, which caches are bad at: it takes twice as long.
 */
const GRADIENT_ROWS = 512;
/** Rows of the vocabulary that a CPU multiplies at once: longer sums fit its caches badly. */
const PRODUCT_ROWS = 2048;
/** Rows of a frozen output matrix that are dequantised and transposed at once; 2 GB in Qwen2.5-7B. */
const TRANSPOSED_ROWS = 8192;

/** Smallest probability whose logarithm is taken. */
const TINY = 1e-30;

/**
 * Logits of the tokens after some rows of `x` `[d, n]`.
 *
 * @param rows `I32` `[s]`
 */
export function headLogits(pass: ForwardPass, x: Tensor, rows: Tensor) {
  const { g, model } = pass;
  const selected = g.getRows(x, rows); // [d, s]
  const normed = norm(pass, model.weight("output_norm.weight"), selected); // [d, s]
  return { normed, logits: g.mulMat(model.output.tensor, normed.y) }; // [vocabulary, s]
}

/** Probabilities of the selected tokens, and what the backward pass needs. */
function predict(pass: ForwardPass, x: Tensor, head: HeadTensors) {
  const { g } = pass;
  const { normed, logits } = headLogits(pass, x, head.rows);
  const probabilities = g.softMax(logits); // [vocabulary, s]
  const flat = g.reshape(probabilities, 1, probabilities.elements); // [1, vocabulary·s]
  const chosen = g.getRows(flat, head.targets); // [1, s]
  // Added, not clamped to: that would turn NaN into a loss of 0.
  const losses = g.scale(g.log(g.scale(chosen, 1, TINY)), -1); // [1, s]
  return { normed, logits, probabilities, flat, chosen, losses };
}

/** Writes down the loss alone. Gives the updates that the graph must perform. */
export function headLoss(pass: ForwardPass, x: Tensor, head: HeadTensors): Tensor[] {
  const { g } = pass;
  const { logits, losses } = predict(pass, x, head);
  return [g.copy(losses, head.losses), g.copy(g.argmax(logits), head.predictions)];
}

/**
 * Writes down the loss and its gradient, which for a softmax is (p - onehot) · weight.
 *
 * @param x output of the last layer, `[d, n]`.
 * @returns gradient of `x`, `[d, n]`.
 */
export function headBackward(back: BackwardPass, x: Tensor, head: HeadTensors): Tensor {
  const { g, forward } = back;
  const { output } = forward.model;
  const { normed, probabilities, flat, chosen, losses } = predict(forward, x, head);
  const [vocabulary, s] = probabilities.shape;
  // Taken before the probabilities are overwritten.
  back.updates.push(g.copy(losses, head.losses));
  const lowered = g.setRows(flat, g.scale(chosen, 1, -1), head.targets); // p - onehot, in place
  const dLogits = g.reshape(lowered, vocabulary, s); // [vocabulary, s], before weights
  // A token's weight scales its column of whatever follows: the narrower, the cheaper.
  if (output.parameter) {
    const weighted = g.multiply(normed.y, head.weights); // [d, s]
    addOutputGradient(back, output.parameter.gradient, weighted, dLogits);
  }
  const dNormed = g.multiply(inputGradient(back, output, dLogits), head.weights); // [d, s]
  const dSelected = normBackward(back, normed, dNormed) as Tensor; // [d, s]
  return g.getRowsBack(dSelected, head.rows, x);
}

/** Wᵀ·dLogits: `[vocabulary, s]` → `[d, s]`, some rows of W at a time. */
function inputGradient(back: BackwardPass, output: Weight, dLogits: Tensor): Tensor {
  const { g } = back;
  const [vocabulary] = dLogits.shape;
  const isKept = output.transposed !== undefined || output.parameter !== undefined;
  const whole = isKept ? transposedWeight(back, output) : undefined; // [vocabulary, d]
  const isCpu = back.forward.model.device.info.kind === "cpu";
  if (whole && !isCpu) return g.mulMat(whole, dLogits);
  const size = whole ? PRODUCT_ROWS : TRANSPOSED_ROWS;
  const parts: Tensor[] = [];
  for (let start = 0; start < vocabulary; start += size) {
    const count = Math.min(size, vocabulary - start);
    const part = g.slice(dLogits, 0, start, count); // [count, s]
    parts.push(
      whole
        ? g.mulMat(g.slice(whole, 0, start, count), part) // [d, s]
        : g.mulMat(transposedRows(back, output, start, count), g.contiguous(part)),
    );
  }
  return parts.reduce((sum, part) => g.add(sum, part));
}

/** Σ over tokens of h ⊗ dLogits: `[d, s]`, `[vocabulary, s]` → `[d, vocabulary]`. */
function addOutputGradient(back: BackwardPass, gradient: Tensor, h: Tensor, dLogits: Tensor): void {
  const { g } = back;
  const [vocabulary] = dLogits.shape;
  for (let start = 0; start < vocabulary; start += GRADIENT_ROWS) {
    const count = Math.min(GRADIENT_ROWS, vocabulary - start);
    const part = g.contiguous(g.slice(dLogits, 0, start, count)); // [count, s]
    const update = g.mulMat(back.transposed(h), g.transposed(part)); // [d, count]
    back.addGradient(g.slice(gradient, 1, start, count), update);
  }
}
