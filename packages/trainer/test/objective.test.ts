import { join } from "node:path";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { layOut } from "../src/data/micro-batch.ts";
import { Engine } from "../src/engine/engine.ts";
import { BaseModelFile } from "../src/model/base.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { trainOptions } from "./support/options.ts";
import { adamw, cpu } from "./support/tiny.ts";

/** Tokens of context in each document of 16. */
const CONTEXT = 10;

test("of context and target, the target is learnt by heart and the context is not", async () => {
  const dataset = await writeDataset({ contextTokens: CONTEXT, documents: 4 });
  const outputDir = temporaryFolder();
  const { train: documents } = dataset;
  const options = {
    dataset: dataset.folder,
    outputDir,
    steps: 120,
    batchSize: 4,
    learningRate: 0.01,
  };
  const report = await train(
    trainOptions({ ...options, patience: 0, samples: 0, evaluateEvery: 1000, minGain: 0 }),
  );
  expect(report.validation.before.tokens).toBe(4 * (16 - CONTEXT));
  expect(report.loss_history[0]?.loss).toBeGreaterThan(5);
  expect(report.loss_history.at(-1)?.loss).toBeLessThan(0.05);

  // Which the last weights show, when all of the documents is predicted.
  const file = await BaseModelFile.open(join(outputDir, "last-model.gguf"));
  const model = await file.load(cpu, { rank: 1, alpha: 1, targets: ["attn_q"], seed: 1 });
  await file.close();
  const shape = { sequences: 1, sequenceLength: 16 };
  const engine = new Engine(model, shape, adamw);
  for (const tokens of documents) {
    const piece = { tokens, lossWeights: tokens.map(() => 100), predictFrom: 1 };
    const { losses } = await engine.evaluate(layOut([[piece]], shape));
    const mean = (from: number, to: number) =>
      losses.slice(from, to).reduce((sum, loss) => sum + loss, 0) / (to - from);
    expect(mean(0, CONTEXT - 1)).toBeGreaterThan(4);
    expect(mean(CONTEXT - 1, 15)).toBeLessThan(0.2);
  }
  engine.dispose();
  model.dispose();
});
