import type { Tensor } from "@repotune/ggml";
import { type LinearResult, linearBackward } from "./linear.ts";
import type { BackwardPass, ForwardPass } from "./pass.ts";
import { project } from "./projection.ts";

/** The result of {@link feedForward}, and what its backward pass needs. */
export interface FeedForwardResult {
  gate: LinearResult | undefined;
  up: LinearResult;
  down: LinearResult;
}

/**
 * Feed-forward block: down(f(gate(x)) · up(x)) (Shazeer, https://arxiv.org/abs/2002.05202), or
 * down(f(up(x))) in a model without a gate.
 *
 * @param block name of the layer in GGUF, e.g. `blk.0`.
 * @param x `[d, n]`
 */
export function feedForward(pass: ForwardPass, block: string, x: Tensor): FeedForwardResult {
  const { g, model } = pass;
  const { activation } = model.architecture;
  const hasGate = model.find(`${block}.ffn_gate.weight`) !== undefined;
  const gate = hasGate ? project(pass, `${block}.ffn_gate`, x) : undefined; // [ff, n]
  const up = project(pass, `${block}.ffn_up`, x); // [ff, n]
  const hidden = gate ? activation.gated(g, gate.y, up.y) : activation.apply(g, up.y); // [ff, n]
  const down = project(pass, `${block}.ffn_down`, hidden); // [d, n]
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
  const { activation } = pass.forward.model.architecture;
  const dHidden = linearBackward(pass, down, dy) as Tensor; // [ff, n]
  if (!gate) {
    const dUp = activation.backward(g, dHidden, up.y); // [ff, n]
    return linearBackward(pass, up, dUp) as Tensor;
  }
  const dUp = g.multiply(dHidden, activation.apply(g, gate.y)); // [ff, n]
  const dGate = activation.backward(g, g.multiply(dHidden, up.y), gate.y); // [ff, n]
  return g.add(
    linearBackward(pass, gate, dGate) as Tensor,
    linearBackward(pass, up, dUp) as Tensor,
  );
}
