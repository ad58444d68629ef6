import type { RopeSettings, Tensor } from "@repotune/ggml";
import type { BackwardPass, ForwardPass, QueryBlock } from "./pass.ts";

/** The result of {@link attention}, and what its backward pass needs. */
export interface AttentionResult {
  /** Queries by head, `[hd, T, heads, B]`. */
  queries: Tensor;
  /** Keys by head, `[hd, T, kv, B]`. */
  keys: Tensor;
  /** Values by head, `[hd, T, kv, B]`. */
  values: Tensor;
  /** Attention of each block of queries to all positions up to its end, `[end, r·count, kv, B]`. */
  weights: Tensor[];
  /** Factor on the scores. */
  scale: number;
  /** Mixed values of all heads, `[hd·heads, n]`. */
  y: Tensor;
}

/**
 * Causal attention with rotary positions and grouped heads, inside document pieces only.
 *
 * It goes block by block of queries, each over the positions up to its end: nothing is computed for
 * most of what comes later, and memory grows with T instead of T² where results are not kept.
 *
 * @param q `[hd·heads, n]`
 * @param k `[hd·kv, n]`
 * @param v `[hd·kv, n]`
 * @param scale factor on the scores. @default 1 / sqrt(hd)
 */
export function attention(
  pass: ForwardPass,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  rope: RopeSettings,
  scale = 1 / Math.sqrt(pass.model.config.headSize),
): AttentionResult {
  const { g, batch, sequences: B, sequenceLength: T } = pass;
  const { heads, keyValueHeads: kv, headSize: hd } = pass.model.config;
  const n = B * T;
  const queries = byHead(pass, g.rope(g.reshape(q, hd, heads, n), batch.positions, rope));
  const keys = byHead(pass, g.rope(g.reshape(k, hd, kv, n), batch.positions, rope));
  const values = byHead(pass, g.reshape(v, hd, kv, n));
  const valuesT = g.transposed(values); // [T, hd, kv, B]
  const weights: Tensor[] = [];
  const mixed = pass.blocks.map((block) => {
    const { end, count, mask } = block;
    const past = g.slice(keys, 1, 0, end); // [hd, end, kv, B]
    const scores = g.mulMat(past, queriesOf(pass, queries, block), true); // [end, r·count, kv, B]
    const perHead = g.reshape(scores, end, count, heads, B);
    const normalised = g.softMax(perHead, scale, mask); // [end, count, heads, B]
    const shares = g.reshape(normalised, end, (heads / kv) * count, kv, B);
    weights.push(shares);
    const sum = g.mulMat(g.slice(valuesT, 0, 0, end), shares); // [hd, r·count, kv, B]
    return g.reshape(sum, hd, count, heads, B);
  });
  const y = byToken(pass, joined(pass, mixed, queries)); // [hd·heads, n]
  return { queries, keys, values, weights, scale, y };
}

/**
 * Backward pass of {@link attention}.
 *
 * @param dy gradient of the output, `[hd·heads, n]`.
 * @returns gradients of q `[hd·heads, n]`, k and v `[hd·kv, n]`.
 */
export function attentionBackward(
  pass: BackwardPass,
  { queries, keys, values, weights, scale }: AttentionResult,
  dy: Tensor,
  rope: RopeSettings,
): { dq: Tensor; dk: Tensor; dv: Tensor } {
  const { g, forward } = pass;
  const { heads, keyValueHeads: kv, headSize: hd } = forward.model.config;
  const { sequences: B, sequenceLength: T } = forward;
  const n = B * T;
  const dMixed = byHead(forward, g.reshape(dy, hd, heads, n)); // [hd, T, heads, B]
  const keysT = g.transposed(keys); // [T, hd, kv, B]
  let dQueries = g.filled(queries, 0);
  let dKeys: Tensor | undefined;
  let dValues: Tensor | undefined;
  // The last block reaches over all positions; the others add to what it gives.
  for (const [i, block] of [...forward.blocks.entries()].reverse()) {
    const { start, end, count } = block;
    const shares = weights[i] as Tensor; // [end, r·count, kv, B]
    const dSum = queriesOf(forward, dMixed, block); // [hd, r·count, kv, B]
    const dShares = g.mulMat(g.slice(values, 1, 0, end), dSum); // [end, r·count, kv, B]
    const dScores = g.softMaxBack(dShares, shares, scale); // [end, r·count, kv, B]
    const dq = g.mulMat(g.slice(keysT, 0, 0, end), dScores); // [hd, r·count, kv, B]
    dQueries = g.setSlice(dQueries, g.reshape(dq, hd, count, heads, B), 1, start);
    const dk = g.outerProduct(queriesOf(forward, queries, block), dScores); // [hd, end, kv, B]
    const dv = g.outerProduct(dSum, shares); // [hd, end, kv, B]
    dKeys = dKeys ? g.addToSlice(dKeys, dk, 1, 0) : dk;
    dValues = dValues ? g.addToSlice(dValues, dv, 1, 0) : dv;
    // All of a block is computed before the next, so that their scores share memory.
    pass.updates.push(dQueries, dKeys, dValues);
  }
  const unrotated = (x: Tensor, count: number) => {
    const perToken = g.reshape(byToken(forward, x), hd, count, n);
    return g.reshape(g.ropeBack(perToken, forward.batch.positions, rope), hd * count, n);
  };
  return {
    dq: unrotated(dQueries, heads),
    dk: unrotated(dKeys as Tensor, kv),
    dv: byToken(forward, dValues as Tensor),
  };
}

/**
 * A block of queries, those of heads that share a key head one after another:
 * `[hd, T, heads, B]` → `[hd, r·count, kv, B]`
 */
function queriesOf({ g, model }: ForwardPass, x: Tensor, { start, count }: QueryBlock): Tensor {
  const [hd, , heads, B] = x.shape;
  const { keyValueHeads: kv } = model.config;
  const block = g.contiguous(g.slice(x, 1, start, count)); // [hd, count, heads, B]
  return g.reshape(block, hd, (heads / kv) * count, kv, B);
}

/** All blocks `[hd, count, heads, B]` together, `[hd, T, heads, B]`, the shape of `like`. */
function joined({ g, blocks }: ForwardPass, parts: readonly Tensor[], like: Tensor): Tensor {
  if (parts.length === 1) return parts[0] as Tensor;
  return parts.reduce(
    (whole, part, i) => g.setSlice(whole, part, 1, (blocks[i] as QueryBlock).start),
    g.filled(like, 0),
  );
}

/** `[hd, heads, n]` → `[hd, T, heads, B]` */
function byHead({ g, sequences: B, sequenceLength: T }: ForwardPass, x: Tensor): Tensor {
  const [hd, heads] = x.shape;
  return g.contiguous(g.permute(g.reshape(x, hd, heads, T, B), 0, 2, 1, 3));
}

/** The inverse of {@link byHead}: `[hd, T, heads, B]` → `[hd·heads, n]` */
function byToken({ g }: ForwardPass, x: Tensor): Tensor {
  const [hd, T, heads, B] = x.shape;
  return g.reshape(g.contiguous(g.permute(x, 0, 2, 1, 3)), hd * heads, T * B);
}
