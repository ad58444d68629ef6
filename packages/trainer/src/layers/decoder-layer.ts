import type { Tensor } from "@repotune/ggml";
import type { Architecture } from "../architectures/architecture.ts";
import { attention, attentionBackward } from "./attention.ts";
import { feedForward, feedForwardBackward } from "./feed-forward.ts";
import { linearBackward } from "./linear.ts";
import { norm, normBackward, optionalNorm } from "./norm.ts";
import { project } from "./projection.ts";

/**
 * A layer of a decoder: attention, then feed-forward, each on normalised input and added to the
 * residual stream. Biases, norms of each head, norms of a block's output, and the gate are there if
 * the model has their weights.
 */
export const decoderLayer: Architecture["layer"] = (pass, layer, x) => {
  const { g, model } = pass;
  const { architecture, config } = model;
  const block = `blk.${layer}`;
  const factors = model.find("rope_freqs.weight")?.tensor;
  const rope = { ...(architecture.rope?.(config, layer) ?? config.rope), factors };

  const n1 = norm(pass, model.weight(`${block}.attn_norm.weight`), x); // [d, n]
  const q = project(pass, `${block}.attn_q`, n1.y); // [hd·heads, n]
  const k = project(pass, `${block}.attn_k`, n1.y); // [hd·kv, n]
  const v = project(pass, `${block}.attn_v`, n1.y); // [hd·kv, n]
  const queries = optionalNorm(pass, `${block}.attn_q_norm`, q.y); // [hd·heads, n]
  const keys = optionalNorm(pass, `${block}.attn_k_norm`, k.y); // [hd·kv, n]
  const mix = attention(pass, queries.y, keys.y, v.y, rope); // [hd·heads, n]
  const out = project(pass, `${block}.attn_output`, mix.y); // [d, n]
  const attended = optionalNorm(pass, `${block}.post_attention_norm`, out.y); // [d, n]
  const middle = g.add(x, attended.y); // [d, n]

  const n2 = norm(pass, model.weight(`${block}.ffn_norm.weight`), middle); // [d, n]
  const hidden = feedForward(pass, block, n2.y); // [d, n]
  const fed = optionalNorm(pass, `${block}.post_ffw_norm`, hidden.down.y); // [d, n]
  const y = g.add(middle, fed.y); // [d, n]

  return {
    y,
    backward(back, dy, wantsInput) {
      const dn2 = feedForwardBackward(back, hidden, fed.backward(back, dy)); // [d, n]
      const dMiddle = g.add(dy, normBackward(back, n2, dn2) as Tensor); // [d, n]

      const dOut = attended.backward(back, dMiddle); // [d, n]
      const dMix = linearBackward(back, out, dOut) as Tensor; // [hd·heads, n]
      const { dq, dk, dv } = attentionBackward(back, mix, dMix, rope);
      // The first norm's own weight needs the gradient too, if it is trained.
      const wantsNorm = wantsInput || n1.weight.parameter !== undefined;
      const parts = [
        linearBackward(back, q, queries.backward(back, dq), wantsNorm),
        linearBackward(back, k, keys.backward(back, dk), wantsNorm),
        linearBackward(back, v, dv, wantsNorm),
      ];
      if (!wantsNorm) return undefined;
      const dn1 = (parts as Tensor[]).reduce((sum, part) => g.add(sum, part)); // [d, n]
      const dx = normBackward(back, n1, dn1, wantsInput); // [d, n]
      return dx && g.add(dMiddle, dx);
    },
  };
};
