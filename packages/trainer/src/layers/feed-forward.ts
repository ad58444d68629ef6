import type { Tensor } from "@repotune/ggml";
import type { Weight } from "../model/model.ts";
import { type LinearResult, linear, linearBackward } from "./linear.ts";
import type { BackwardPass, ForwardPass } from "./pass.ts";

/** The result of {@link feedForward}, and what its backward pass needs. */
export interface FeedForwardResult {
  gate: LinearResult;
  up: LinearResult;
  down: LinearResult;
}

/** SwiGLU (Shazeer, https://arxiv.org/abs/2002.05202): down(silu(gate(x)) · up(x)). */
export function feedForward(
  pass: ForwardPass,
  weights: { gate: Weight; up: Weight; down: Weight },
  x: Tensor,
): FeedForwardResult {
  const gate = linear(pass, weights.gate, x); // [ff, n]
  const up = linear(pass, weights.up, x); // [ff, n]
  const down = linear(pass, weights.down, pass.g.swiglu(gate.y, up.y)); // [d, n]
  return { gate, up, down };
}

/**
 * Backward pass of {@link feedForward}.
 *
 * @param dy gradient of the output, `[d, n]`.
 * @returns gradient of the input, `[d, n]`.
 */
export function feedForwardBackward(
  pass: BackwardPass,
  { gate, up, down }: FeedForwardResult,
  dy: Tensor,
): Tensor {
  const { g } = pass;
  const dHidden = linearBackward(pass, down, dy) as Tensor; // [ff, n]
  const dUp = g.multiply(dHidden, g.silu(gate.y)); // [ff, n]
  const dGate = g.siluBack(g.multiply(dHidden, up.y), gate.y); // [ff, n]
  return g.add(
    linearBackward(pass, gate, dGate) as Tensor,
    linearBackward(pass, up, dUp) as Tensor,
  );
}
