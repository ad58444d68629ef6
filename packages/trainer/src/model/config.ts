import type { RopeSettings } from "@repotune/ggml";

/** Rotary positions without the frequencies' divisors, which are a weight. */
export type RopeConfig = Omit<RopeSettings, "factors">;

/** Sizes and constants of a decoder-only transformer. */
export interface ModelConfig {
  /** `general.architecture` of GGUF, e.g. `llama`. */
  architecture: string;
  vocabularySize: number;
  /** Longest sequence that the model is made for, in tokens. */
  contextLength: number;
  /** Width of the residual stream, `d`. */
  embeddingLength: number;
  layers: number;
  /** Query heads, `n_head`. */
  heads: number;
  /** Key and value heads, `n_kv`; a divisor of `heads`. */
  keyValueHeads: number;
  /** Elements of a head, `hd`. */
  headSize: number;
  /** Width of the hidden layer of the feed-forward block. */
  feedForwardLength: number;
  /** Added to the mean square (RMSNorm) or the variance (LayerNorm). */
  normEpsilon: number;
  rope: RopeConfig;
  /** Rotary positions of layers with a sliding window, where they differ. */
  localRope?: RopeConfig;
  /**
   * How many tokens attention looks back in some layers or all, its own included. Only sequences
   * that fit are trained on, so that nothing is out of sight.
   */
  slidingWindow?: number;
  /**
   * How attention scores grow with the position of the query: by 1 + scale · ln(1 + ⌊position /
   * interval⌋). Only sequences up to the interval are trained on, which nothing grows in.
   */
  scoreGrowth?: { scale: number; interval: number };
}
