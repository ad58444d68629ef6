import { silu } from "../layers/activation.ts";
import { decoderLayer } from "../layers/decoder-layer.ts";
import type { Architecture } from "./architecture.ts";
import { readDecoderConfig, writeDecoderConfig } from "./decoder-config.ts";
import { decoderWeights, GATED_MATRICES } from "./decoder-weights.ts";

const family = { name: "llama", norm: "rms", ropeMode: "normal" } as const;

/**
 * Llama (Touvron et al., https://arxiv.org/abs/2302.13971), Mistral, and what else shares the GGUF
 * architecture (llama.cpp's src/models/llama.cpp): RMSNorm before each block, rotary positions,
 * whose frequencies Llama 3 divides by factors, grouped heads, SwiGLU, seldom biases.
 */
export const llama: Architecture = {
  ...family,
  activation: silu,
  loraTargets: GATED_MATRICES,
  readConfig: (metadata, vocabularySize) => readDecoderConfig(family, metadata, vocabularySize),
  writeConfig: (config) => writeDecoderConfig(family, config),
  weights: (config) =>
    decoderWeights(config, {
      first: ["token_embd.weight", "rope_freqs.weight?"],
      layer: [
        "attn_norm.weight",
        "attn_q.weight attn_q.bias?",
        "attn_k.weight attn_k.bias?",
        "attn_v.weight attn_v.bias?",
        "attn_output.weight attn_output.bias?",
        "ffn_norm.weight",
        "ffn_gate.weight ffn_gate.bias?",
        "ffn_up.weight ffn_up.bias?",
        "ffn_down.weight ffn_down.bias?",
      ],
      last: ["output_norm.weight", "output.weight?"],
    }),
  layer: decoderLayer,
};
