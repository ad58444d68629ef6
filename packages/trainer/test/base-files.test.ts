import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GgufFile,
  type GgufValue,
  GgufWriter,
  QUANTIZATION_RECIPES,
  type QuantizationRecipe,
  quantizeFile,
} from "@repotune/ggml";
import { type TinyModelOptions, tinyModel } from "@repotune/test-kit/models";
import { tinyTokenizer } from "@repotune/test-kit/tokenizer";
import { afterAll, describe, expect, test } from "vitest";
import { BaseModelFile } from "../src/model/base.ts";
import type { WeightLayout } from "../src/model/frozen-weights.ts";
import type { Model } from "../src/model/model.ts";
import { Random } from "../src/random.ts";
import { readVocabularyMetadata } from "../src/vocabulary-metadata.ts";
import { llamaQuantize } from "./support/llama-quantize.ts";
import {
  ourLogProbabilities,
  relativeError,
  theirLogProbabilities,
} from "./support/log-probabilities.ts";
import { requantise } from "./support/requantise.ts";
import { cpu, prepare } from "./support/tiny.ts";

// Base files as people have them: every file here but the F32 originals was written by llama.cpp.

const folder = mkdtempSync(join(tmpdir(), "base-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const LENGTH = 24;
const recipes = Object.keys(QUANTIZATION_RECIPES).filter((name) => name !== "F32");

/** Rows of blocks of 256; four layers, so that a mixture takes both of its types. */
const wide = { width: 256, feedForward: 256, heads: 4, keyValueHeads: 2, layers: 4 };
/** Rows that hold no block of 256, for which a mixture falls back to other types. */
const narrow = { width: 96, feedForward: 160, heads: 4, keyValueHeads: 2, layers: 4 };

let files = 0;
const original = (options: TinyModelOptions) =>
  tinyModel({ ...options, folder, name: `${files++}` });

/** Writes a model by llama.cpp, in the quantisation that `recipe` names. */
function quantised(source: string, recipe: string): string {
  const target = source.replace(/\.gguf$/, `-${recipe}.gguf`);
  llamaQuantize(source, target, QUANTIZATION_RECIPES[recipe as QuantizationRecipe].fileType);
  return target;
}

async function load(path: string, layout?: WeightLayout): Promise<Model> {
  const file = await BaseModelFile.open(path);
  const model = await file.load(cpu, { rank: 4, alpha: 8, targets: undefined, seed: 3 }, layout);
  await file.close();
  return model;
}

/** The same weights, in F32. */
async function inF32(path: string): Promise<string> {
  const copy = path.replace(/\.gguf$/, "-plain.gguf");
  await quantizeFile(path, copy, "F32", { allowRequantize: true });
  return copy;
}

async function predict(path: string, tokens: readonly number[]): Promise<number[][]> {
  const model = await load(path);
  const predicted = await ourLogProbabilities(model, tokens);
  model.dispose();
  return predicted;
}

async function vocabularySizeOf(path: string): Promise<number> {
  const file = await GgufFile.open(path);
  await file.close();
  return file.metadata.strings("tokenizer.ggml.tokens").length;
}

async function typesOf(path: string): Promise<Set<string>> {
  const file = await GgufFile.open(path);
  await file.close();
  return new Set([...file.tensors.values()].map(({ type }) => type));
}

function draw(vocabularySize: number): number[] {
  const random = new Random(3);
  return Array.from({ length: LENGTH }, () => Math.floor(random.uniform() * vocabularySize));
}

const bytePairs = await readVocabularyMetadata(tinyTokenizer({ merges: 60, folder }));

const mixtures = ["Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K"];

describe.each<[string, TinyModelOptions, string[]]>([
  ["SentencePiece, an output matrix", { ...wide }, recipes],
  ["SentencePiece, tied embeddings", { ...wide, tied: true }, ["Q4_K_M"]],
  ["byte-level BPE, an output matrix", { ...wide, vocabulary: bytePairs }, ["Q4_K_M"]],
  ["byte-level BPE, tied embeddings", { ...wide, vocabulary: bytePairs, tied: true }, recipes],
  ["rows that no 256 divides, an output matrix", { ...narrow }, mixtures],
  ["rows that no 256 divides, tied embeddings", { ...narrow, tied: true }, ["Q4_K_M"]],
])("%s", async (_, options, names) => {
  const source = await original(options);

  // Kernels round activations to 8 or 16 bits. Sums in another order tip some of them to another number:
  // that may move predictions, but not as far as the rounding itself does.
  test.each(names)("a %s file predicts as it does in llama.cpp", async (recipe) => {
    const path = quantised(source, recipe);
    const tokens = draw(await vocabularySizeOf(path));
    const [expected = []] = await theirLogProbabilities(path, tokens);
    const error = relativeError(await predict(path, tokens), expected);
    const rounding = relativeError(await predict(await inF32(path), tokens), expected);
    console.info(
      `${recipe}: error ${error.toExponential(1)}, rounding ${rounding.toExponential(1)}`,
    );
    expect(error).toBeLessThan(rounding);
    expect(rounding).toBeLessThan(0.1);
  });
});

test("the files hold the mixtures that real ones do", async () => {
  const [whole, rest] = [await original(wide), await original(narrow)];
  expect(await typesOf(quantised(whole, "Q4_K_M"))).toEqual(new Set(["F32", "Q4_K", "Q6_K"]));
  expect(await typesOf(quantised(whole, "Q5_K_M"))).toEqual(new Set(["F32", "Q5_K", "Q6_K"]));
  expect(await typesOf(quantised(whole, "Q4_0"))).toEqual(new Set(["F32", "Q4_0", "Q6_K"]));
  expect(await typesOf(quantised(rest, "Q4_K_M"))).toEqual(new Set(["F32", "Q5_0", "Q8_0"]));
  expect(await typesOf(quantised(rest, "Q5_K_M"))).toEqual(new Set(["F32", "Q5_1", "Q8_0"]));
});

/** Splits a model into three parts; as llama.cpp's are, the first holds the metadata. */
async function split(path: string): Promise<string> {
  const prefix = path.replace(/\.gguf$/, "");
  const file = await GgufFile.open(path);
  const tensors = [...file.tensors.values()];
  const cuts = [0, 5, 20, tensors.length];
  for (let part = 0; part < 3; part++) {
    const metadata: [string, GgufValue][] = [
      ...(part === 0 ? file.metadata : []),
      ["split.no", { type: "u16", value: part }],
      ["split.count", { type: "u16", value: 3 }],
      ["split.tensors.count", { type: "i32", value: tensors.length }],
    ];
    const own = tensors.slice(cuts[part], cuts[part + 1]);
    const writer = await GgufWriter.create(
      `${prefix}-0000${part + 1}-of-00003.gguf`,
      metadata,
      own,
    );
    for (const { name } of own) await writer.write(name, await file.read(name));
    await writer.commit();
  }
  await file.close();
  return prefix;
}

test.each(["F16", "Q4_K_M"])(
  "a %s model in parts that llama.cpp wrote is the whole one",
  async (recipe) => {
    const source = await original(wide);
    const { fileType } = QUANTIZATION_RECIPES[recipe as QuantizationRecipe];
    const [prefix, parts] = [await split(source), source.replace(/\.gguf$/, "-parts")];
    llamaQuantize(`${prefix}-00001-of-00003.gguf`, parts, fileType, { keep_split: true });
    const tokens = draw(await vocabularySizeOf(source));
    const whole = await predict(quantised(source, recipe), tokens);
    expect(await predict(`${parts}-00002-of-00003.gguf`, tokens)).toEqual(whole);
  },
);

/** All gradients in one row, and the loss. */
async function allGradients(model: Model) {
  const { engine, batch, normaliser } = prepare(model);
  const random = new Random(4);
  for (const { name, value } of model.parameters.all) {
    if (!name.endsWith("lora_b")) continue;
    value.write(new Float32Array(value.elements).map(() => 0.3 * random.normal()));
  }
  const loss = await engine.addGradients(batch, normaliser);
  const gradients = model.parameters.all.flatMap(({ gradient }) => [...gradient.read()]);
  engine.dispose();
  model.dispose();
  return { loss, gradients };
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

/** Gradients of a model file's corrections beside those on the same weights in F32. */
async function cosineToPlain(path: string, layout: WeightLayout): Promise<number> {
  const plain = await inF32(path);
  const a = await allGradients(await load(path, layout));
  const b = await allGradients(await load(plain, layout));
  expect(a.loss).toBeCloseTo(b.loss, 1);
  return (
    dot(a.gradients, b.gradients) /
    Math.sqrt(dot(a.gradients, a.gradients) * dot(b.gradients, b.gradients))
  );
}

// The kernels round activations to eight bits; `fast` keeps transposes in eight bits besides.
describe.each<[WeightLayout, number]>([
  ["compact", 0.999],
  ["fast", 0.998],
])("laid out to be %s", (layout, least) => {
  test.each([
    ["Q4_0", wide],
    ["Q4_K_M", wide],
    ["Q4_K_M", narrow], // Q5_0
    ["Q5_K_M", narrow], // Q5_1
  ])(
    "gradients through a %s file are those through the same weights in F32",
    async (recipe, options) => {
      const cosine = await cosineToPlain(quantised(await original(options), recipe), layout);
      console.info(`${recipe}: cosine of all gradients ${cosine.toFixed(5)}`);
      expect(cosine).toBeGreaterThan(least);
    },
  );

  // Files quantised with an importance matrix have some of these where Q4_0 is asked for.
  test("gradients through Q4_1, too", async () => {
    const path = await requantise(await original(wide), "Q4_1");
    expect(await typesOf(path)).toEqual(new Set(["F32", "Q4_1"]));
    expect(await cosineToPlain(path, layout)).toBeGreaterThan(least);
  });
});
