import { gelu } from "../layers/activation.ts";
import { decoderLayer } from "../layers/decoder-layer.ts";
import type { Architecture } from "./architecture.ts";
import { readDecoderConfig, writeDecoderConfig } from "./decoder-config.ts";
import { ATTENTION_MATRICES, decoderWeights } from "./decoder-weights.ts";

const family = { name: "starcoder2", norm: "layer", ropeMode: "neox" } as const;

/**
 * StarCoder 2 (Lozhkov et al., https://arxiv.org/abs/2402.19173; llama.cpp's
 * src/models/starcoder2.cpp): LayerNorm, GELU, no gate, and a bias wherever there can be one.
 */
export const starcoder2: Architecture = {
  ...family,
  activation: gelu,
  loraTargets: [...ATTENTION_MATRICES, "ffn_up", "ffn_down"],
  readConfig: (metadata, vocabularySize) => readDecoderConfig(family, metadata, vocabularySize),
  writeConfig: (config) => writeDecoderConfig(family, config),
  weights: (config) =>
    decoderWeights(config, {
      first: ["token_embd.weight"],
      layer: [
        "attn_norm.weight attn_norm.bias",
        "attn_q.weight attn_q.bias",
        "attn_k.weight attn_k.bias",
        "attn_v.weight attn_v.bias",
        "attn_output.weight attn_output.bias",
        "ffn_norm.weight ffn_norm.bias",
        "ffn_up.weight ffn_up.bias",
        "ffn_down.weight ffn_down.bias",
      ],
      last: ["output_norm.weight output_norm.bias", "output.weight?"],
    }),
  layer: decoderLayer,
};
