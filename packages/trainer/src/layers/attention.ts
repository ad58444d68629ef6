import type { RopeSettings, Tensor } from "@repotune/ggml";
import type { BackwardPass, ForwardPass } from "./pass.ts";

/** The result of {@link attention}, and what its backward pass needs. */
export interface AttentionResult {
  /** Queries `[hd, r·T, kv, B]`: the r query heads that share a key head, one after another. */
  queries: Tensor;
  /** Keys `[hd, T, kv, B]`. */
  keys: Tensor;
  /** Values, transposed `[T, hd, kv, B]`. */
  valuesT: Tensor;
  /** Attention of each query to each position, `[T, r·T, kv, B]`. */
  weights: Tensor;
  /** Mixed values of all heads, `[hd·heads, n]`. */
  y: Tensor;
}

/**
 * Causal attention with rotary positions and grouped heads, inside document pieces only.
 *
 * @param q `[hd·heads, n]`
 * @param k `[hd·kv, n]`
 * @param v `[hd·kv, n]`
 */
export function attention(
  pass: ForwardPass,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  rope: RopeSettings,
): AttentionResult {
  const { g, batch, sequences: B, sequenceLength: T } = pass;
  const { heads, keyValueHeads: kv, headSize: hd } = pass.model.config;
  const n = B * T;
  const r = heads / kv;
  const queries = byHead(pass, g.rope(g.reshape(q, hd, heads, n), batch.positions, rope), r);
  const keys = byHead(pass, g.rope(g.reshape(k, hd, kv, n), batch.positions, rope), 1);
  const valuesT = g.contiguous(g.permute(g.reshape(v, hd, kv, T, B), 1, 2, 0, 3)); // [T, hd, kv, B]
  const scores = g.mulMat(keys, queries, true); // [T, r·T, kv, B]
  const perHead = g.reshape(scores, T, T, heads, B);
  const normalised = g.softMax(perHead, 1 / Math.sqrt(hd), batch.mask); // [T, T, heads, B]
  const weights = g.reshape(normalised, T, r * T, kv, B);
  const mixed = g.mulMat(valuesT, weights); // [hd, r·T, kv, B]
  return { queries, keys, valuesT, weights, y: byToken(pass, mixed, heads) };
}

/**
 * Backward pass of {@link attention}.
 *
 * @param dy gradient of the output, `[hd·heads, n]`.
 * @returns gradients of q `[hd·heads, n]`, k and v `[hd·kv, n]`.
 */
export function attentionBackward(
  pass: BackwardPass,
  { queries, keys, valuesT, weights }: AttentionResult,
  dy: Tensor,
  rope: RopeSettings,
): { dq: Tensor; dk: Tensor; dv: Tensor } {
  const { g, forward } = pass;
  const { heads, keyValueHeads: kv, headSize: hd } = forward.model.config;
  const { positions } = forward.batch;
  const n = forward.sequences * forward.sequenceLength;
  const dMixed = byHead(forward, g.reshape(dy, hd, heads, n), heads / kv); // [hd, r·T, kv, B]
  const dWeights = g.mulMat(g.transposed(valuesT), dMixed); // [T, r·T, kv, B]
  const dScores = g.softMaxBack(dWeights, weights, 1 / Math.sqrt(hd)); // [T, r·T, kv, B]
  const dQueries = g.mulMat(g.transposed(keys), dScores); // [hd, r·T, kv, B]
  const dKeys = g.mulMat(g.transposed(queries), g.transposed(dScores)); // [hd, T, kv, B]
  const dValues = g.mulMat(g.transposed(dMixed), g.transposed(weights)); // [hd, T, kv, B]
  const unrotated = (x: Tensor, count: number) =>
    g.reshape(g.ropeBack(g.reshape(x, hd, count, n), positions, rope), hd * count, n);
  return {
    dq: unrotated(byToken(forward, dQueries, heads), heads),
    dk: unrotated(byToken(forward, dKeys, kv), kv),
    dv: byToken(forward, dValues, kv),
  };
}

/** `[hd, heads, n]` → `[hd, r·T, heads / r, B]` */
function byHead({ g, sequences: B, sequenceLength: T }: ForwardPass, x: Tensor, r: number): Tensor {
  const [hd, heads] = x.shape;
  const split = g.reshape(x, hd, heads, T, B);
  return g.reshape(g.contiguous(g.permute(split, 0, 2, 1, 3)), hd, r * T, heads / r, B);
}

/** The inverse of {@link byHead}: `[hd, r·T, heads / r, B]` → `[hd·heads, n]` */
function byToken(
  { g, sequences: B, sequenceLength: T }: ForwardPass,
  x: Tensor,
  heads: number,
): Tensor {
  const [hd] = x.shape;
  const split = g.reshape(x, hd, T, heads, B);
  return g.reshape(g.contiguous(g.permute(split, 0, 2, 1, 3)), hd * heads, T * B);
}
