import type { GraphBuilder, Tensor } from "@repotune/ggml";

/** A function of single elements, and its derivative. */
export interface Activation {
  /** f(x) */
  apply(g: GraphBuilder, x: Tensor): Tensor;
  /** f(gate) · up */
  gated(g: GraphBuilder, gate: Tensor, up: Tensor): Tensor;
  /** f'(x) · dy */
  backward(g: GraphBuilder, dy: Tensor, x: Tensor): Tensor;
}

/** SiLU, x · sigmoid(x) (Hendrycks and Gimpel, https://arxiv.org/abs/1606.08415). */
export const silu: Activation = {
  apply: (g, x) => g.silu(x),
  gated: (g, gate, up) => g.swiglu(gate, up),
  backward: (g, dy, x) => g.siluBack(dy, x),
};

/** √(8/π) and its product with 0.044715: coefficients of GELU's tanh approximation (ggml-cpu/vec.h). */
const LINEAR = 2 * 0.7978845608028654;
const CUBIC = LINEAR * 0.044715;

/**
 * GELU in its tanh approximation (Hendrycks and Gimpel), which is x · sigmoid(v) with
 * v = √(8/π) · (x + 0.044715 x³), because (1 + tanh(z)) / 2 = sigmoid(2z).
 *
 * The derivative is that of this function, also where kernels look its values up in a table.
 */
export const gelu: Activation = {
  apply: (g, x) => g.gelu(x),
  gated: (g, gate, up) => g.geglu(gate, up),
  backward(g, dy, x) {
    // f'(x) = s + x · s (1 - s) v'(x), with s = sigmoid(v)
    const square = g.square(x);
    const v = g.multiply(x, g.scale(square, CUBIC, LINEAR));
    const s = g.sigmoid(v);
    const growth = g.multiply(x, g.scale(square, 3 * CUBIC, LINEAR)); // x · v'(x)
    const bend = g.multiply(growth, g.scale(s, -1, 1)); // x · v'(x) · (1 - s)
    return g.multiply(dy, g.multiply(s, g.scale(bend, 1, 1)));
  },
};
