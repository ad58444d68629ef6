import { Device } from "@repotune/ggml";
import type { Architecture } from "../../src/architectures/architecture.ts";
import { llama } from "../../src/architectures/llama.ts";
import { layOut, type MicroBatch } from "../../src/data/micro-batch.ts";
import { lossWeightOf, type Sequence } from "../../src/data/sequence.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Kept } from "../../src/engine/layer-states.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import type { Model } from "../../src/model/model.ts";
import { createModel } from "../../src/model/scratch.ts";
import { Random } from "../../src/random.ts";

export const cpu = Device.open("cpu", 1);

export const tinyConfig: ModelConfig = {
  architecture: "llama",
  vocabularySize: 600, // more than a chunk of the head
  contextLength: 32,
  embeddingLength: 32,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 8,
  feedForwardLength: 64,
  normEpsilon: 1e-5,
  rope: { dimensions: 8, mode: "normal", frequencyBase: 10_000, frequencyScale: 1 },
};

export const adamw = {
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradientNorm: 1,
};

/** Two sequences of several pieces, with weights of 0, 50 and 100 percent, and room left over. */
export function packedSequences(vocabularySize: number, seed = 5): Sequence[] {
  const random = new Random(seed);
  const piece = (length: number, predictFrom = 1) => ({
    tokens: Array.from({ length }, () => Math.floor(random.uniform() * vocabularySize)),
    lossWeights: Array.from({ length }, (_, i) => (i % 3) * 50),
    predictFrom,
  });
  return [
    [piece(9), piece(1), piece(14, 6)],
    [piece(20), piece(12)],
  ];
}

/** Random weights large enough that every part of the model matters. */
export function tinyScratchModel(
  isTied: boolean,
  config = tinyConfig,
  architecture: Architecture = llama,
): Model {
  const model = createModel(cpu, architecture, config, { isTied, seed: 1 });
  const random = new Random(11);
  for (const { name, value, shape } of model.parameters.all) {
    const spread = shape.length === 1 ? 0.1 : 1 / Math.sqrt(shape[0] as number);
    const mean = name.endsWith("norm.weight") ? 1 : 0;
    value.write(new Float32Array(value.elements).map(() => mean + spread * random.normal()));
  }
  return model;
}

/** Weighted mean loss of `batch`, in double precision. */
export async function lossOf(engine: Engine, batch: MicroBatch, normaliser: number) {
  const { losses } = await engine.evaluate(batch);
  let sum = 0;
  for (const [i, loss] of losses.entries()) sum += loss * (batch.weights[i] as number);
  return sum / normaliser;
}

/** The packed sequences as a batch for `model`, and an engine of their shape. */
export function prepare(model: Model, kept?: Kept) {
  const shape = { sequences: 2, sequenceLength: 32 };
  const sequences = packedSequences(model.config.vocabularySize);
  return {
    engine: new Engine(model, shape, adamw, kept),
    batch: layOut(sequences, shape),
    normaliser: lossWeightOf(sequences),
  };
}
