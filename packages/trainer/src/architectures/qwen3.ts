import { silu } from "../layers/activation.ts";
import { decoderLayer } from "../layers/decoder-layer.ts";
import type { Architecture } from "./architecture.ts";
import { readDecoderConfig, writeDecoderConfig } from "./decoder-config.ts";
import { decoderWeights, GATED_MATRICES } from "./decoder-weights.ts";

const family = { name: "qwen3", norm: "rms", ropeMode: "neox" } as const;

/**
 * Qwen 3 (Yang et al., https://arxiv.org/abs/2505.09388; llama.cpp's src/models/qwen3.cpp): Llama with
 * RMSNorm of each query and key head, and rotary positions that pair halves of a head.
 */
export const qwen3: Architecture = {
  ...family,
  activation: silu,
  loraTargets: GATED_MATRICES,
  readConfig: (metadata, vocabularySize) => readDecoderConfig(family, metadata, vocabularySize),
  writeConfig: (config) => writeDecoderConfig(family, config),
  weights: (config) =>
    decoderWeights(config, {
      first: ["token_embd.weight"],
      layer: [
        "attn_norm.weight",
        "attn_q.weight attn_q.bias?",
        "attn_k.weight attn_k.bias?",
        "attn_v.weight attn_v.bias?",
        "attn_q_norm.weight",
        "attn_k_norm.weight",
        "attn_output.weight",
        "ffn_norm.weight",
        "ffn_gate.weight",
        "ffn_up.weight",
        "ffn_down.weight",
      ],
      last: ["output_norm.weight", "output.weight?"],
    }),
  layer: decoderLayer,
};
