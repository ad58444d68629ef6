import { gelu } from "../layers/activation.ts";
import { decoderLayer } from "../layers/decoder-layer.ts";
import type { Architecture } from "./architecture.ts";
import { readDecoderConfig, writeDecoderConfig } from "./decoder-config.ts";
import { decoderWeights, GATED_MATRICES } from "./decoder-weights.ts";

const family = { name: "gemma", norm: "rms", ropeMode: "neox" } as const;

/**
 * Gemma (Gemma Team, https://arxiv.org/abs/2403.08295; llama.cpp's src/models/gemma.cpp): Llama with
 * GELU for SiLU, heads of any size, an embedding that is scaled up and is also the output matrix.
 * Its norms multiply by 1 + w, which files already have added.
 */
export const gemma: Architecture = {
  ...family,
  activation: gelu,
  embeddingScale: ({ embeddingLength }) => Math.sqrt(embeddingLength),
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
        "attn_output.weight",
        "ffn_norm.weight",
        "ffn_gate.weight",
        "ffn_up.weight",
        "ffn_down.weight",
      ],
      last: ["output_norm.weight"],
    }),
  layer: decoderLayer,
};
