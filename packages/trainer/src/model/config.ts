import type { RopeSettings } from "@repotune/ggml";

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
  /** Added to the mean square in RMSNorm. */
  normEpsilon: number;
  rope: Omit<RopeSettings, "factors">;
}
