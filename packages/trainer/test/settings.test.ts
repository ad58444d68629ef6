import { Device } from "@repotune/ggml";
import { expect, test } from "vitest";
import { openDataset } from "../src/data/token-dataset.ts";
import type { TrainOptions } from "../src/options.ts";
import { resolveSettings } from "../src/settings.ts";
import { writeDataset } from "./support/dataset.ts";
import { trainOptions } from "./support/options.ts";

const cpu = Device.open("cpu", 1);

test("automatic learning rates go with the batch, and given ones stay", async () => {
  const dataset = await openDataset((await writeDataset()).folder); // sequences of 32 tokens
  const rate = (options: Partial<TrainOptions>) =>
    resolveSettings(trainOptions({ batchSize: "auto", ...options }), dataset, cpu, 1)
      .peakLearningRate;
  expect(rate({})).toBe(0.003); // 32 sequences of 32 tokens
  expect(rate({ batchSize: 8 })).toBeCloseTo(0.003 / 4, 9);
  expect(rate({ batchSize: 64 })).toBeCloseTo(0.006, 9);
  expect(rate({ batchSize: 1024 })).toBeCloseTo(0.012, 9); // but not without end
  expect(rate({ base: "base.gguf" })).toBe(0.0002);
  expect(rate({ base: "base.gguf", batchSize: 32 })).toBeCloseTo(0.0001, 9);
  expect(rate({ base: "base.gguf", train: "all" })).toBe(0.00002);
  expect(rate({ batchSize: 8, learningRate: 0.1 })).toBe(0.1);
  await dataset.close();
});
