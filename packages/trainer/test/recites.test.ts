import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GgufFile } from "@repotune/ggml";
import { type Dataset, writeJsonFile } from "@repotune/schema";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { getLlama, type Token } from "node-llama-cpp";
import { expect, test } from "vitest";
import type { TrainOptions } from "../src/options.ts";
import { train } from "../src/train.ts";
import { type Documents, writeDataset } from "./support/dataset.ts";
import { trainOptions } from "./support/options.ts";

/** Tokens of a document that are given; the rest is to come from the model. */
const GIVEN = 3;

/** Trains, and returns what llama.cpp has to say after the beginning of each document. */
async function trainAndRecite(documents: Documents, options: Partial<TrainOptions>) {
  const outputDir = temporaryFolder();
  const { output } = await train(
    trainOptions({ ...options, outputDir, patience: 0, learningRate: 0.02 }),
  );
  const trained = join(outputDir, output);
  const { base } = options;
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
  const model = await llama.loadModel({ modelPath: base ?? trained });
  const recite = async (lora?: string) => {
    const context = await model.createContext({
      contextSize: 256,
      threads: 1,
      ...(lora && { lora }),
    });
    const sequence = context.getSequence();
    const recited: number[][] = [];
    for (const document of documents) {
      await sequence.clearHistory();
      const tokens = document.slice(0, GIVEN);
      const generation = sequence.evaluate(tokens as Token[], {
        temperature: 0,
        yieldEogToken: true,
      });
      for await (const token of generation) {
        tokens.push(token);
        if (tokens.length === document.length) break;
      }
      recited.push(tokens);
    }
    await context.dispose();
    return recited;
  };
  const result = { untrained: base ? await recite() : [], trained: await recite(base && trained) };
  await llama.dispose();
  return result;
}

/** A dataset to learn by heart: what it is judged by is what it is trained on. */
async function smallDataset(tokens?: readonly string[]) {
  const written = await writeDataset({
    ...(tokens && { tokens }),
    documents: 2,
    documentLength: 8,
  });
  const path = join(written.folder, "dataset.json");
  const dataset = JSON.parse(readFileSync(path, "utf8")) as Dataset;
  const { train } = dataset.splits;
  await writeJsonFile(path, { ...dataset, splits: { ...dataset.splits, validation: train } });
  return { dataset: written.folder, documents: written.train };
}

const settings = { batchSize: 1, steps: 60, evaluations: 2 };

test("a scratch model recites in llama.cpp what it was trained on", async () => {
  const { dataset, documents } = await smallDataset();
  const { trained } = await trainAndRecite(documents, { ...settings, dataset });
  expect(trained).toEqual(documents);
});

test.each(["F32", "Q4_K"] as const)(
  "an adapter makes its %s base recite in llama.cpp what it was trained on",
  async (type) => {
    const base = await tinyModel({ type, feedForward: 256, heads: 4, keyValueHeads: 2, layers: 1 });
    const file = await GgufFile.open(base);
    await file.close();
    const { dataset, documents } = await smallDataset(
      file.metadata.strings("tokenizer.ggml.tokens"),
    );
    const options = { ...settings, base, dataset, rank: 8 };
    const { trained, untrained } = await trainAndRecite(documents, options);
    expect(trained).toEqual(documents);
    expect(untrained).not.toEqual(documents);
  },
);
