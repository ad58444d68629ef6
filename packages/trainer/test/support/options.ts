import { type TrainOptions, TrainOptionsSchema } from "../../src/options.ts";

/** Defaults, a model that trains in a moment, one thread. */
export function trainOptions(options: Partial<TrainOptions>): TrainOptions {
  const defaults = Object.entries(TrainOptionsSchema.properties).map(([name, schema]) => [
    name,
    (schema as { default?: unknown }).default,
  ]);
  return {
    ...(Object.fromEntries(defaults) as TrainOptions),
    embeddingLength: 32,
    layers: 2,
    heads: 4,
    keyValueHeads: 2,
    batchSize: 2,
    device: "cpu",
    threads: 1,
    samples: 0,
    ...options,
  };
}
