import { join } from "node:path";
import { type TinyModelOptions, tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { tinyTokenizer } from "@repotune/test-kit/tokenizer";
import { describe, expect, test } from "vitest";
import { BaseModelFile } from "../src/model/base.ts";
import type { WeightLayout } from "../src/model/frozen-weights.ts";
import type { Model } from "../src/model/model.ts";
import { writeAdapter } from "../src/output/write-adapter.ts";
import { scratchMetadata, writeModel } from "../src/output/write-model.ts";
import { Random } from "../src/random.ts";
import { readVocabularyMetadata } from "../src/vocabulary-metadata.ts";
import { ourLogProbabilities, theirLogProbabilities } from "./support/log-probabilities.ts";
import { cpu, tinyScratchModel } from "./support/tiny.ts";
import { families, narrow, variants, yarn } from "./support/variants.ts";

const LENGTH = 24;

/** Length of the difference, by the length of `b`. */
function relativeError(a: number[][], b: number[][]): number {
  const [x, y] = [a.flat(), b.flat()];
  expect(x.length).toBe(y.length);
  const difference = x.map((value, i) => value - (y[i] as number));
  return Math.hypot(...difference) / Math.hypot(...y);
}

const draw = (count: number, below: number) => {
  const random = new Random(3);
  return Array.from({ length: count }, () => Math.floor(random.uniform() * below));
};

/** A model file opened with corrections that are not zero, which are written as an adapter, too. */
async function openWithAdapter(
  path: string,
  layout?: WeightLayout,
): Promise<{ model: Model; adapter: string }> {
  const file = await BaseModelFile.open(path);
  const model = await file.load(cpu, { rank: 4, alpha: 8, targets: undefined, seed: 3 }, layout);
  await file.close();
  const random = new Random(4);
  for (const { name, value } of model.parameters.all) {
    if (!name.endsWith("lora_b")) continue;
    value.write(new Float32Array(value.elements).map(() => 0.3 * random.normal()));
  }
  const adapter = join(temporaryFolder(), "adapter.gguf");
  await writeAdapter(adapter, model);
  return { model, adapter };
}

/** Compares log-probabilities of all tokens after each of some, without and with an adapter. */
async function expectParity(
  label: string,
  path: string,
  tolerance: number,
  layout?: WeightLayout,
): Promise<void> {
  const { model, adapter } = await openWithAdapter(path, layout);
  const tokens = draw(LENGTH, model.config.vocabularySize);
  const corrected = await ourLogProbabilities(model, tokens);
  for (const { name, value } of model.parameters.all) if (name.endsWith("lora_b")) value.clear();
  const plain = await ourLogProbabilities(model, tokens);
  model.dispose();
  expect(relativeError(corrected, plain)).toBeGreaterThan(0.01);
  const [theirPlain = [], theirCorrected = []] = await theirLogProbabilities(path, tokens, [
    adapter,
  ]);
  const errors = [relativeError(plain, theirPlain), relativeError(corrected, theirCorrected)];
  const text = errors.map((error) => error.toExponential(1)).join(", with an adapter ");
  console.info(`${label}: relative error ${text}`);
  for (const error of errors) expect(error).toBeLessThan(tolerance);
}

test.each(Object.entries(variants))(
  "%s: log-probabilities are llama.cpp's",
  async (name, options) => expectParity(name, await tinyModel(options), 1e-4),
);

test.each([
  ["Llama 3.1's factors", "llama with Llama 3.1's factors", { ropeFactors: [] }],
  ["linear scaling", "llama with linearly scaled positions", { settings: {} }],
  ["YaRN", "llama with positions scaled by YaRN", { settings: {} }],
  ["the factor on YaRN's result", "mistral3", { settings: yarn }],
  ["rotary positions of layers with a window", "gemma3", variants["gemma3 without windows"]],
] as const)("%s: what is compared depends on it", async (_, name, without) => {
  const tokens = draw(LENGTH, 320);
  const results: number[][][] = [];
  for (const options of [variants[name], { ...variants[name], ...without }]) {
    const { model } = await openWithAdapter(await tinyModel(options));
    results.push(await ourLogProbabilities(model, tokens));
    model.dispose();
  }
  expect(relativeError(results[0] ?? [], results[1] ?? [])).toBeGreaterThan(1e-3);
});

/**
 * Kernels round activations to the type they multiply with. Where a sum in another order leads to
 * another rounding, results differ by a step of eight bits (K-quants, Q8_0), or of sixteen. Allowed is
 * twice what llama.cpp's own results differ by between the CPU and Vulkan (Mesa's llvmpipe), measured
 * on such a llama: F16 7.5e-4, BF16 5.2e-4, Q8_0 1.9e-3, Q6_K 2.7e-3, Q5_K 2.7e-3, Q4_K 2.7e-3,
 * Q4_0 2.0e-3.
 */
describe.each([
  ["F16", 1.5e-3],
  ["BF16", 1e-3],
  ["Q8_0", 3.8e-3],
  ["Q6_K", 5.4e-3],
  ["Q5_K", 5.4e-3],
  ["Q4_K", 5.4e-3],
  ["Q4_0", 4e-3],
] as const)("%s", (type, tolerance) => {
  test.each(Object.entries(families))(
    "%s: log-probabilities are llama.cpp's",
    async (name, options) =>
      expectParity(`${name} ${type}`, await tinyModel({ ...options, type }), tolerance),
  );

  test("laid out to be fast, log-probabilities are llama.cpp's, too", async () =>
    expectParity(`fast ${type}`, await tinyModel({ ...families.llama, type }), tolerance, "fast"));
});

test.each([
  ["llama, tied", families.llama, true],
  ...Object.entries(families).map(([name, options]) => [name, options, false] as const),
] as const)(
  "%s: a model from scratch gives in llama.cpp what it gave in training",
  async (_, options: TinyModelOptions, isTied) => {
    const folder = temporaryFolder();
    const vocabulary = await readVocabularyMetadata(tinyTokenizer({ merges: 20, folder }));
    const tokens = vocabulary.find(([key]) => key === "tokenizer.ggml.tokens")?.[1]
      .value as string[];
    const sizes = await BaseModelFile.open(await tinyModel({ ...options, ...narrow }));
    await sizes.close();
    const config = { ...sizes.config, vocabularySize: tokens.length };
    const model = tinyScratchModel(isTied, config, sizes.architecture);
    const path = join(folder, "model.gguf");
    await writeModel(path, model, scratchMetadata(model, vocabulary));
    const ids = draw(LENGTH, tokens.length);
    const expected = await ourLogProbabilities(model, ids);
    model.dispose();
    const [plain = []] = await theirLogProbabilities(path, ids);
    expect(relativeError(expected, plain)).toBeLessThan(1e-4);
  },
);
