import type { ModelConfig } from "../model/config.ts";
import type { WeightSpec } from "./architecture.ts";

/** Matrices of attention, which every layer has. */
export const ATTENTION_MATRICES = ["attn_q", "attn_k", "attn_v", "attn_output"] as const;

/** Matrices of a layer whose feed-forward block has a gate. */
export const GATED_MATRICES = [...ATTENTION_MATRICES, "ffn_gate", "ffn_up", "ffn_down"] as const;

/**
 * Names of a model's weights, in the order that files have them: any number in a string, with spaces
 * between them; `?` marks those that a model may lack.
 */
interface WeightNames {
  /** Weights before the layers. */
  first: readonly string[];
  /** Weights of a layer, without `blk.N.`. */
  layer: readonly string[];
  /** Weights after the layers. */
  last: readonly string[];
}

/** Weights of a decoder, whose names tell their shapes. */
export function decoderWeights(config: ModelConfig, names: WeightNames): WeightSpec[] {
  const { embeddingLength: d, feedForwardLength: ff, headSize: hd, vocabularySize } = config;
  const queries = hd * config.heads;
  const values = hd * config.keyValueHeads;
  const shapes: Record<string, readonly number[]> = {
    token_embd: [d, vocabularySize],
    rope_freqs: [config.rope.dimensions / 2],
    attn_norm: [d],
    attn_q: [d, queries],
    attn_k: [d, values],
    attn_v: [d, values],
    attn_q_norm: [hd],
    attn_k_norm: [hd],
    attn_output: [queries, d],
    post_attention_norm: [d],
    ffn_norm: [d],
    ffn_gate: [d, ff],
    ffn_up: [d, ff],
    ffn_down: [ff, d],
    post_ffw_norm: [d],
    output_norm: [d],
    output: [d, vocabularySize],
  };
  const specs = (prefix: string, list: readonly string[]) =>
    list.flatMap((line) => line.split(" ")).map((name) => spec(prefix, name));
  const spec = (prefix: string, text: string): WeightSpec => {
    const [, part = "", kind, mark] = /^(\w+)\.(weight|bias)(\??)$/.exec(text) ?? [];
    const shape = shapes[part] as readonly number[];
    return {
      name: `${prefix}${part}.${kind}`,
      shape: kind === "bias" ? shape.slice(-1) : shape,
      ...(mark === "?" && { isOptional: true }),
      ...(part === "rope_freqs" && { isConstant: true }),
    };
  };
  return [
    ...specs("", names.first),
    ...Array.from({ length: config.layers }, (_, i) => specs(`blk.${i}.`, names.layer)).flat(),
    ...specs("", names.last),
  ];
}
