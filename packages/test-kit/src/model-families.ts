/** Which weights an architecture has besides those that all have. */
export interface Family {
  biases?: readonly string[];
  /** Norms with a bias, and no gate (StarCoder 2). */
  isLayerNorm?: boolean;
  /** Norms of each query and key head. */
  hasHeadNorms?: boolean;
  /** The embedding is the output matrix, and enters scaled by the root of its length. */
  isGemma?: boolean;
  /** Norms of what attention and feed-forward give. */
  hasPostNorms?: boolean;
}

const ATTENTION = ["attn_q", "attn_k", "attn_v"];

/** Architectures by their name in GGUF. */
export const FAMILIES = {
  llama: {},
  mistral3: {},
  qwen2: { biases: ATTENTION },
  qwen3: { hasHeadNorms: true },
  gemma: { isGemma: true },
  gemma3: { isGemma: true, hasHeadNorms: true, hasPostNorms: true },
  starcoder2: {
    biases: [...ATTENTION, "attn_output", "ffn_up", "ffn_down"],
    isLayerNorm: true,
  },
} satisfies Record<string, Family>;

/** Architectures of which there are tiny models. */
export type TinyArchitecture = keyof typeof FAMILIES;
