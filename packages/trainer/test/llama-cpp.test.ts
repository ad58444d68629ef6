import { join } from "node:path";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { tinyTokenizer } from "@repotune/test-kit/tokenizer";
import { getLlama, type Token } from "node-llama-cpp";
import { expect, test } from "vitest";
import { layOut } from "../src/data/micro-batch.ts";
import { Engine } from "../src/engine/engine.ts";
import { BaseModelFile } from "../src/model/base.ts";
import type { Model } from "../src/model/model.ts";
import { writeAdapter } from "../src/output/write-adapter.ts";
import { writeModel } from "../src/output/write-model.ts";
import { Random } from "../src/random.ts";
import { readVocabularyMetadata } from "../src/vocabulary-metadata.ts";
import { adamw, cpu, tinyConfig, tinyScratchModel } from "./support/tiny.ts";

const LENGTH = 24;

/** Log-probabilities of all tokens after each of `tokens`, as the training graphs compute them. */
async function ours(model: Model, tokens: readonly number[]): Promise<number[][]> {
  const shape = { sequences: 1, sequenceLength: LENGTH };
  const engine = new Engine(model, shape, adamw);
  const piece = { tokens, lossWeights: tokens.map(() => 100), predictFrom: 1 };
  const { vocabularySize } = model.config;
  const ids = Array.from({ length: vocabularySize }, (_, id) => id);
  const batch = {
    ...layOut([[piece]], shape),
    rows: Int32Array.from(tokens.flatMap((_, row) => ids.map(() => row))),
    targets: Int32Array.from(tokens.flatMap(() => ids)),
    weights: new Float32Array(tokens.length * vocabularySize).fill(1),
  };
  const { losses } = await engine.evaluate(batch);
  engine.dispose();
  return tokens.map((_, row) => ids.map((id) => -(losses[row * vocabularySize + id] as number)));
}

/** The same from llama.cpp itself, with caches as exact as it has them. */
async function theirs(modelPath: string, adapter: string | undefined, tokens: readonly number[]) {
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({
    contextSize: 256,
    threads: 1,
    flashAttention: false,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
    ...(adapter && { lora: { adapters: [{ filePath: adapter, scale: 1 }] } }),
  });
  const input = tokens.map((id) => [id as Token, { generateNext: { logits: true } }] as const);
  const output = await context.getSequence().controlledEvaluate(input.map(([id, o]) => [id, o]));
  const rows = output.map((result) => logSoftMax(result?.next.logits ?? new Map()));
  await context.dispose();
  await model.dispose();
  await llama.dispose();
  return rows;
}

function logSoftMax(logits: ReadonlyMap<number, number>): number[] {
  const row = Array.from({ length: logits.size }, (_, id) => logits.get(id) as number);
  const largest = Math.max(...row);
  const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return row.map((logit) => logit - largest - Math.log(sum));
}

function largestDifference(a: number[][], b: number[][]): number {
  expect(a.length).toBe(b.length);
  return Math.max(
    ...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - (b[i]?.[j] as number)))),
  );
}

const draw = (count: number, below: number) => {
  const random = new Random(3);
  return Array.from({ length: count }, () => Math.floor(random.uniform() * below));
};

// What is left: the order of sums in F32; with Q4_K also of activations rounded to eight bits.
test.each([
  ["F32", 1e-4],
  ["F16", 1e-2],
  ["Q8_0", 0.05],
  ["Q4_K", 0.05],
] as const)(
  "an adapter on a %s base gives in llama.cpp what it gave in training",
  async (type, tolerance) => {
    const options = { width: 256, feedForward: 256, heads: 4, keyValueHeads: 2, type } as const;
    const base = await tinyModel(options);
    const file = await BaseModelFile.open(base);
    const model = await file.load(cpu, { rank: 4, alpha: 8, targets: undefined, seed: 3 });
    await file.close();
    const tokens = draw(LENGTH, 320);
    const without = await ours(model, tokens);
    const random = new Random(4);
    for (const { name, value } of model.parameters.all) {
      if (!name.endsWith("lora_b")) continue;
      value.write(new Float32Array(value.elements).map(() => 0.3 * random.normal()));
    }
    const adapter = join(temporaryFolder(), "adapter.gguf");
    await writeAdapter(adapter, model, 8);
    const expected = await ours(model, tokens);
    model.dispose();
    expect(largestDifference(expected, without)).toBeGreaterThan(1);
    const difference = largestDifference(expected, await theirs(base, adapter, tokens));
    console.info(`${type}: largest difference of log-probabilities ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(tolerance);
  },
);

test.each([true, false])(
  "a scratch model gives in llama.cpp what it gave in training (tied: %s)",
  async (isTied) => {
    const folder = temporaryFolder();
    const vocabulary = await readVocabularyMetadata(tinyTokenizer({ merges: 20, folder }));
    const tokens = vocabulary.find(([key]) => key === "tokenizer.ggml.tokens")?.[1]
      .value as string[];
    const model = tinyScratchModel(isTied, { ...tinyConfig, vocabularySize: tokens.length });
    const path = join(folder, "model.gguf");
    await writeModel(path, model, vocabulary);
    const ids = draw(LENGTH, tokens.length);
    const expected = await ours(model, ids);
    model.dispose();
    expect(largestDifference(expected, await theirs(path, undefined, ids))).toBeLessThan(1e-4);
  },
);
