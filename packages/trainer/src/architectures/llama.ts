import type { RopeSettings, Tensor } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import { attention, attentionBackward } from "../layers/attention.ts";
import { feedForward, feedForwardBackward } from "../layers/feed-forward.ts";
import { linear, linearBackward } from "../layers/linear.ts";
import { norm, normBackward } from "../layers/norm.ts";
import type { ForwardPass } from "../layers/pass.ts";
import type { Architecture, WeightSpec } from "./architecture.ts";

const LORA_TARGETS = [
  "attn_q",
  "attn_k",
  "attn_v",
  "attn_output",
  "ffn_gate",
  "ffn_up",
  "ffn_down",
];

/**
 * Llama (Touvron et al., https://arxiv.org/abs/2302.13971), and the models that share its GGUF
 * architecture: RMSNorm before each block, rotary positions, grouped heads, SwiGLU, no biases.
 */
export const llama: Architecture = {
  name: "llama",
  loraTargets: LORA_TARGETS,

  readConfig(metadata, vocabularySize) {
    const key = (name: string) => `llama.${name}`;
    const scaling = metadata.string(key("rope.scaling.type"), "none");
    const experts = metadata.count(key("expert_count"), 0);
    if (scaling !== "none" && scaling !== "linear") {
      throw unsupported(metadata.path, `rope scaling "${scaling}"`);
    }
    if (experts > 0) throw unsupported(metadata.path, `${experts} experts`);
    const embeddingLength = metadata.count(key("embedding_length"));
    const heads = metadata.count(key("attention.head_count"));
    const headSize = metadata.count(key("attention.key_length"), embeddingLength / heads);
    if (metadata.count(key("attention.value_length"), headSize) !== headSize) {
      throw unsupported(metadata.path, "keys and values of different sizes");
    }
    return {
      architecture: "llama",
      vocabularySize,
      contextLength: metadata.count(key("context_length")),
      embeddingLength,
      layers: metadata.count(key("block_count")),
      heads,
      keyValueHeads: metadata.count(key("attention.head_count_kv"), heads),
      headSize,
      feedForwardLength: metadata.count(key("feed_forward_length")),
      normEpsilon: metadata.number(key("attention.layer_norm_rms_epsilon")),
      rope: {
        dimensions: metadata.count(key("rope.dimension_count"), headSize),
        mode: "normal",
        frequencyBase: metadata.number(key("rope.freq_base"), 10_000),
        frequencyScale:
          scaling === "linear" ? 1 / metadata.number(key("rope.scaling.factor"), 1) : 1,
      },
    };
  },

  writeConfig(config) {
    const u32 = (name: string, value: number) => [`llama.${name}`, { type: "u32", value }] as const;
    const f32 = (name: string, value: number) => [`llama.${name}`, { type: "f32", value }] as const;
    return [
      u32("context_length", config.contextLength),
      u32("embedding_length", config.embeddingLength),
      u32("block_count", config.layers),
      u32("feed_forward_length", config.feedForwardLength),
      u32("attention.head_count", config.heads),
      u32("attention.head_count_kv", config.keyValueHeads),
      u32("attention.key_length", config.headSize),
      u32("attention.value_length", config.headSize),
      f32("attention.layer_norm_rms_epsilon", config.normEpsilon),
      u32("rope.dimension_count", config.rope.dimensions),
      f32("rope.freq_base", config.rope.frequencyBase),
      u32("vocab_size", config.vocabularySize),
    ].map(([name, value]) => [name, value]);
  },

  weights({ layers, embeddingLength: d, feedForwardLength: ff, ...config }) {
    const { heads, keyValueHeads, headSize, vocabularySize, rope } = config;
    const layer = (i: number): WeightSpec[] => [
      { name: `blk.${i}.attn_norm.weight`, shape: [d] },
      { name: `blk.${i}.attn_q.weight`, shape: [d, heads * headSize] },
      { name: `blk.${i}.attn_k.weight`, shape: [d, keyValueHeads * headSize] },
      { name: `blk.${i}.attn_v.weight`, shape: [d, keyValueHeads * headSize] },
      { name: `blk.${i}.attn_output.weight`, shape: [heads * headSize, d] },
      { name: `blk.${i}.ffn_norm.weight`, shape: [d] },
      { name: `blk.${i}.ffn_gate.weight`, shape: [d, ff] },
      { name: `blk.${i}.ffn_up.weight`, shape: [d, ff] },
      { name: `blk.${i}.ffn_down.weight`, shape: [ff, d] },
    ];
    return [
      { name: "token_embd.weight", shape: [d, vocabularySize] },
      { name: "rope_freqs.weight", shape: [rope.dimensions / 2], isOptional: true },
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      { name: "output_norm.weight", shape: [d] },
      { name: "output.weight", shape: [d, vocabularySize], isOptional: true },
    ];
  },

  layer(pass, layer, x) {
    const { g, model } = pass;
    const weight = (name: string) => model.weight(`blk.${layer}.${name}.weight`);
    const rope = ropeSettings(pass);

    const n1 = norm(pass, weight("attn_norm"), x); // [d, n]
    const q = linear(pass, weight("attn_q"), n1.y); // [hd·heads, n]
    const k = linear(pass, weight("attn_k"), n1.y); // [hd·kv, n]
    const v = linear(pass, weight("attn_v"), n1.y); // [hd·kv, n]
    const mix = attention(pass, q.y, k.y, v.y, rope); // [hd·heads, n]
    const out = linear(pass, weight("attn_output"), mix.y); // [d, n]
    const middle = g.add(x, out.y); // [d, n]

    const n2 = norm(pass, weight("ffn_norm"), middle); // [d, n]
    const hidden = feedForward(
      pass,
      { gate: weight("ffn_gate"), up: weight("ffn_up"), down: weight("ffn_down") },
      n2.y,
    ); // [d, n]
    const y = g.add(middle, hidden.down.y); // [d, n]

    return {
      y,
      backward(back, dy, wantsInput) {
        const dn2 = feedForwardBackward(back, hidden, dy); // [d, n]
        const dMiddle = g.add(dy, normBackward(back, n2, dn2) as Tensor); // [d, n]

        const dMix = linearBackward(back, out, dMiddle) as Tensor; // [hd·heads, n]
        const { dq, dk, dv } = attentionBackward(back, mix, dMix, rope);
        // The first norm's own weight needs the gradient too, if it is trained.
        const wantsNorm = wantsInput || n1.weight.parameter !== undefined;
        const parts = [
          linearBackward(back, q, dq, wantsNorm),
          linearBackward(back, k, dk, wantsNorm),
          linearBackward(back, v, dv, wantsNorm),
        ];
        if (!wantsNorm) return undefined;
        const dn1 = (parts as Tensor[]).reduce((sum, part) => g.add(sum, part)); // [d, n]
        const dx = normBackward(back, n1, dn1, wantsInput); // [d, n]
        return dx && g.add(dMiddle, dx);
      },
    };
  },
};

function ropeSettings({ model }: ForwardPass): RopeSettings {
  const factors = model.find("rope_freqs.weight")?.tensor;
  return { ...model.config.rope, factors };
}

const unsupported = (path: string, what: string) =>
  new StageError("E_UNSUPPORTED", `${path} is a llama model with ${what}.`, {
    hint: "Choose a llama model with plain or linearly scaled rotary positions and no experts.",
  });
