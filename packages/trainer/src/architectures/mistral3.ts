import type { GgufMetadata, GgufValue } from "@repotune/ggml";
import type { ModelConfig } from "../model/config.ts";
import type { Architecture } from "./architecture.ts";
import { readDecoderConfig, writeDecoderConfig } from "./decoder-config.ts";
import { llama } from "./llama.ts";

const family = { name: "mistral3", norm: "rms", ropeMode: "normal" } as const;

const BETA_FAST = "rope.scaling.yarn_beta_fast";
const BETA_SLOW = "rope.scaling.yarn_beta_slow";
const TEMPERATURE = "attention.temperature_scale";

/**
 * Mistral Small 3.1 and Ministral 3 (llama.cpp's src/models/mistral3.cpp): Llama, with YaRN in a way
 * of its own, and scores that grow with the position beyond the original context.
 */
export const mistral3: Architecture = {
  ...llama,
  ...family,
  readConfig,
  writeConfig,
};

function readConfig(metadata: GgufMetadata, vocabularySize: number): ModelConfig {
  const config = readDecoderConfig(family, metadata, vocabularySize);
  const number = (key: string, fallback: number) => metadata.number(`mistral3.${key}`, fallback);
  const { yarn, frequencyScale } = config.rope;
  if (yarn) {
    yarn.betaFast = number(BETA_FAST, yarn.betaFast);
    yarn.betaSlow = number(BETA_SLOW, yarn.betaSlow);
    const multiplier = number("rope.scaling.yarn_log_multiplier", 0);
    if (multiplier !== 0) {
      // llama.cpp takes YaRN's own factor 1 + 0.1 ln(factor) out again (llama-context.cpp).
      const growth = 0.1 * Math.log(1 / frequencyScale);
      const { resultFactor = 1 } = config.rope;
      config.rope.resultFactor = resultFactor / (1 + multiplier * growth);
    }
  }
  const scale = number(TEMPERATURE, 0);
  if (scale !== 0) {
    config.scoreGrowth = { scale, interval: yarn?.originalContext ?? config.contextLength };
  }
  return config;
}

function writeConfig(config: ModelConfig): [string, GgufValue][] {
  const { rope, scoreGrowth } = config;
  const entries: [string, number | undefined][] = [
    [BETA_FAST, rope.yarn?.betaFast],
    [BETA_SLOW, rope.yarn?.betaSlow],
    [TEMPERATURE, scoreGrowth?.scale],
  ];
  return [
    ...writeDecoderConfig(family, config),
    ...entries.flatMap(([name, value]): [string, GgufValue][] =>
      value === undefined ? [] : [[`mistral3.${name}`, { type: "f32", value }]],
    ),
  ];
}
