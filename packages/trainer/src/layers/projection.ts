import type { Tensor } from "@repotune/ggml";
import { type LinearResult, linear } from "./linear.ts";
import type { ForwardPass } from "./pass.ts";

/**
 * The matrix `name` of GGUF times `x`, plus the bias of that name if the model has one.
 *
 * @param name without `.weight`, e.g. `blk.0.attn_q`.
 * @param x `[in, n]`
 */
export const project = (pass: ForwardPass, name: string, x: Tensor): LinearResult =>
  linear(pass, pass.model.weight(`${name}.weight`), x, pass.model.find(`${name}.bias`));
