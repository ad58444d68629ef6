import type { GgufMetadata, GgufValue } from "@repotune/ggml";
import type { ModelConfig } from "../model/config.ts";
import type { Architecture } from "./architecture.ts";
import { readDecoderConfig, unsupportedVariant, writeDecoderConfig } from "./decoder-config.ts";
import { decoderWeights } from "./decoder-weights.ts";
import { gemma } from "./gemma.ts";

const family = { name: "gemma3", norm: "rms", ropeMode: "neox" } as const;

/** Of so many layers, the last looks at everything; the others have a sliding window. */
const PATTERN = 6;
/** Layers of the 27B model, which scales attention scores in a way of its own. */
const LAYERS_27B = 62;
const LOCAL_BASE = "gemma3.rope.freq_base_swa";

/**
 * Gemma 3 (Gemma Team, https://arxiv.org/abs/2503.19786; llama.cpp's src/models/gemma3.cpp): Gemma with
 * RMSNorm of each query and key head and of what each block gives, and most layers with a sliding
 * window and rotary positions of a shorter wavelength.
 */
export const gemma3: Architecture = {
  ...gemma,
  ...family,
  rope: ({ rope, localRope = rope }, layer) => (layer % PATTERN === PATTERN - 1 ? rope : localRope),
  readConfig,
  writeConfig,
  weights: (config) =>
    decoderWeights(config, {
      first: ["token_embd.weight"],
      layer: [
        "attn_norm.weight",
        "attn_q.weight attn_q.bias?",
        "attn_k.weight attn_k.bias?",
        "attn_v.weight attn_v.bias?",
        "attn_q_norm.weight attn_k_norm.weight",
        "attn_output.weight",
        "post_attention_norm.weight",
        "ffn_norm.weight",
        "ffn_gate.weight",
        "ffn_up.weight",
        "ffn_down.weight",
        "post_ffw_norm.weight",
      ],
      last: ["output_norm.weight", "output.weight?"],
    }),
};

function readConfig(metadata: GgufMetadata, vocabularySize: number): ModelConfig {
  const config = readDecoderConfig(family, metadata, vocabularySize);
  if (metadata.number("gemma3.final_logit_softcapping", 0) !== 0) {
    throw unsupportedVariant(metadata, "capped logits");
  }
  if (config.layers === LAYERS_27B) throw unsupportedVariant(metadata, `${LAYERS_27B} layers`);
  if (config.rope.yarn) throw unsupportedVariant(metadata, 'rope scaling "yarn"');
  const pattern = metadata.count("gemma3.attention.sliding_window_pattern", PATTERN);
  if (pattern !== PATTERN) {
    throw unsupportedVariant(metadata, `sliding windows in a pattern of ${pattern} layers`);
  }
  if (config.slidingWindow !== undefined) {
    const frequencyBase = metadata.number(LOCAL_BASE, 10_000);
    config.localRope = { ...config.rope, frequencyBase, frequencyScale: 1 };
  }
  return config;
}

function writeConfig(config: ModelConfig): [string, GgufValue][] {
  const { localRope } = config;
  const entries = writeDecoderConfig(family, config);
  if (localRope) entries.push([LOCAL_BASE, { type: "f32", value: localRope.frequencyBase }]);
  return entries;
}
