import type { GgufMetadata, GgufValue, RopeSettings } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import type { ModelConfig, RopeConfig } from "../model/config.ts";
import type { Architecture } from "./architecture.ts";

/** What tells families apart that have the same metadata. */
export interface DecoderFamily extends Pick<Architecture, "name" | "norm"> {
  /** Which elements of a head are rotated together. */
  ropeMode: RopeSettings["mode"];
}

/** Name of the metadata that hold a norm's epsilon. */
const EPSILON = {
  rms: "attention.layer_norm_rms_epsilon",
  layer: "attention.layer_norm_epsilon",
} as const;

/**
 * Sizes and constants that all decoders record in the same way (llama-model.cpp).
 *
 * @throws {StageError} `E_INPUT` for missing ones, `E_UNSUPPORTED` for variants that are computed
 *   otherwise.
 */
export function readDecoderConfig(
  { name, norm, ropeMode }: DecoderFamily,
  metadata: GgufMetadata,
  vocabularySize: number,
): ModelConfig {
  const key = (suffix: string) => `${name}.${suffix}`;
  const experts = metadata.count(key("expert_count"), 0);
  if (experts > 0) throw unsupportedVariant(metadata, `${experts} experts`);
  if (!metadata.boolean(key("attention.causal"), true)) {
    throw unsupportedVariant(metadata, "attention to tokens that come later");
  }
  const embeddingLength = metadata.count(key("embedding_length"));
  const heads = metadata.count(key("attention.head_count"));
  const headSize = metadata.count(key("attention.key_length"), embeddingLength / heads);
  if (metadata.count(key("attention.value_length"), headSize) !== headSize) {
    throw unsupportedVariant(metadata, "keys and values of different sizes");
  }
  const slidingWindow = metadata.count(key("attention.sliding_window"), 0);
  return {
    architecture: name,
    vocabularySize,
    contextLength: metadata.count(key("context_length")),
    embeddingLength,
    layers: metadata.count(key("block_count")),
    heads,
    keyValueHeads: metadata.count(key("attention.head_count_kv"), heads),
    headSize,
    feedForwardLength: metadata.count(key("feed_forward_length")),
    normEpsilon: metadata.number(key(EPSILON[norm])),
    rope: readRope(name, metadata, headSize, ropeMode),
    ...(slidingWindow > 0 && { slidingWindow }),
  };
}

/** Rotary positions, plain, scaled linearly or by YaRN, as llama.cpp reads them. */
function readRope(
  name: string,
  metadata: GgufMetadata,
  headSize: number,
  mode: RopeSettings["mode"],
): RopeConfig {
  const key = (suffix: string) => `${name}.rope.${suffix}`;
  // llama.cpp takes a factor without a type for a linear one, and knows an older name for it.
  const type = metadata.string(key("scaling.type"), "linear");
  const factor =
    metadata.number(key("scaling.factor"), metadata.number(key("scale_linear"), 0)) || 1;
  if (type !== "none" && type !== "linear" && type !== "yarn") {
    throw unsupportedVariant(metadata, `rope scaling "${type}"`);
  }
  const rope: RopeConfig = {
    dimensions: metadata.count(key("dimension_count"), headSize),
    mode,
    frequencyBase: metadata.number(key("freq_base"), 10_000),
    frequencyScale: type === "none" ? 1 : 1 / factor,
  };
  const resultFactor = metadata.number(key("scaling.attn_factor"), 1);
  if (resultFactor !== 1) rope.resultFactor = resultFactor;
  if (type === "yarn") {
    rope.yarn = {
      originalContext: metadata.count(
        key("scaling.original_context_length"),
        metadata.count(`${name}.context_length`),
      ),
      betaFast: 32,
      betaSlow: 1,
    };
  }
  return rope;
}

/** Metadata that {@link readDecoderConfig} reads. */
export function writeDecoderConfig(
  { norm }: DecoderFamily,
  config: ModelConfig,
): [string, GgufValue][] {
  const { rope, slidingWindow } = config;
  const { yarn, resultFactor } = rope;
  const u32 = (value: number): GgufValue => ({ type: "u32", value });
  const f32 = (value: number): GgufValue => ({ type: "f32", value });
  const entries: [string, GgufValue][] = [
    ["context_length", u32(config.contextLength)],
    ["embedding_length", u32(config.embeddingLength)],
    ["block_count", u32(config.layers)],
    ["feed_forward_length", u32(config.feedForwardLength)],
    ["attention.head_count", u32(config.heads)],
    ["attention.head_count_kv", u32(config.keyValueHeads)],
    ["attention.key_length", u32(config.headSize)],
    ["attention.value_length", u32(config.headSize)],
    [EPSILON[norm], f32(config.normEpsilon)],
    ["rope.dimension_count", u32(rope.dimensions)],
    ["rope.freq_base", f32(rope.frequencyBase)],
    ["vocab_size", u32(config.vocabularySize)],
  ];
  if (yarn || rope.frequencyScale !== 1) {
    entries.push(
      ["rope.scaling.type", { type: "string", value: yarn ? "yarn" : "linear" }],
      ["rope.scaling.factor", f32(1 / rope.frequencyScale)],
    );
  }
  if (yarn) entries.push(["rope.scaling.original_context_length", u32(yarn.originalContext)]);
  if (resultFactor !== undefined) entries.push(["rope.scaling.attn_factor", f32(resultFactor)]);
  if (slidingWindow !== undefined) entries.push(["attention.sliding_window", u32(slidingWindow)]);
  return entries.map(([name, value]) => [`${config.architecture}.${name}`, value]);
}

/** The error for a model of a known family that is computed in another way. */
export function unsupportedVariant(metadata: GgufMetadata, what: string): StageError {
  const name = metadata.string("general.architecture");
  return new StageError("E_UNSUPPORTED", `${metadata.path} is a ${name} model with ${what}.`, {
    hint: `Choose a ${name} model without that; the trainer's README lists what is computed.`,
  });
}
