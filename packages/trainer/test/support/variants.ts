import type { GgufValue } from "@repotune/ggml";
import type { TinyModelOptions } from "@repotune/test-kit/models";

const f32 = (value: number): GgufValue => ({ type: "f32", value });
const u32 = (value: number): GgufValue => ({ type: "u32", value });
const text = (value: string): GgufValue => ({ type: "string", value });

const HEAD_SIZE = 64;
const width = { width: 256, feedForward: 256, heads: 4, keyValueHeads: 2 };

/**
 * Divisors of rotary frequencies as Llama 3.1's are computed: low frequencies are divided by 8, high
 * ones stay, with a smooth way between (https://arxiv.org/abs/2407.21783; llama.cpp's
 * conversion/llama.py). Its original context of 8,192 tokens is 64 here, so that they matter in
 * sequences of a test.
 */
function llama3Factors(dimensions: number): number[] {
  const [factor, low, high, originalContext] = [8, 1, 4, 64];
  return Array.from({ length: dimensions / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * 500_000 ** ((2 * i) / dimensions);
    if (wavelength < originalContext / high) return 1;
    if (wavelength > originalContext / low) return factor;
    const smooth = (originalContext / wavelength - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/** Positions of a context of 128 tokens that became one of 512. */
export const yarn = {
  "rope.scaling.type": text("yarn"),
  "rope.scaling.factor": f32(4),
  "rope.scaling.original_context_length": u32(128),
};

/** Every architecture, as its real models are made. */
export const families = {
  llama: { ...width },
  mistral3: {
    ...width,
    architecture: "mistral3",
    settings: {
      ...yarn,
      "rope.scaling.yarn_beta_fast": f32(24),
      "rope.scaling.yarn_beta_slow": f32(2),
      "rope.scaling.yarn_log_multiplier": f32(1),
      "attention.temperature_scale": f32(0.1),
    },
  },
  qwen2: { ...width, architecture: "qwen2", settings: { "rope.freq_base": f32(1e6) } },
  qwen3: { ...width, architecture: "qwen3", headSize: 2 * HEAD_SIZE },
  gemma: { ...width, architecture: "gemma", headSize: 2 * HEAD_SIZE, keyValueHeads: 1 },
  gemma3: {
    ...width,
    architecture: "gemma3",
    headSize: 2 * HEAD_SIZE,
    keyValueHeads: 1,
    layers: 6, // the last looks at everything
    settings: {
      "attention.sliding_window": u32(64),
      "rope.freq_base": f32(1e6),
      "rope.scaling.type": text("linear"),
      "rope.scaling.factor": f32(8),
    },
  },
  starcoder2: { ...width, architecture: "starcoder2" },
} satisfies Record<string, TinyModelOptions>;

/** Variants of them that are computed otherwise. */
export const variants = {
  ...families,
  "llama with tied embeddings": { ...width, tied: true },
  "llama with a bias everywhere": {
    ...width,
    biases: ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"],
  },
  "llama with Llama 3.1's factors": {
    ...width,
    headSize: HEAD_SIZE,
    ropeFactors: llama3Factors(HEAD_SIZE),
    settings: { "rope.freq_base": f32(500_000) },
  },
  "llama with linearly scaled positions": { ...width, settings: { "rope.scale_linear": f32(4) } },
  "llama with positions scaled by YaRN": { ...width, settings: yarn },
  "qwen2 with tied embeddings": { ...families.qwen2, tied: true },
  "qwen3 with biases": { ...families.qwen3, biases: ["attn_q", "attn_k", "attn_v"] },
  "gemma3 without windows": {
    ...families.gemma3,
    settings: { "rope.freq_base": f32(1e6) },
  },
} satisfies Record<string, TinyModelOptions>;

/** Narrow matrices, and a vocabulary that the head takes in parts. */
export const narrow = { width: 64, feedForward: 96, vocabulary: 600 };
