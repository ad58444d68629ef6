import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { GgufFile } from "../src/gguf/file.ts";
import { QUANTIZATION_RECIPES, type QuantizationRecipe } from "../src/gguf/quantization-recipe.ts";
import { quantizeFile } from "../src/gguf/quantize-file.ts";
import { GgufWriter } from "../src/gguf/writer.ts";
import { llamaQuantize } from "./support/llama-quantize.ts";
import { type SampleModel, writeSampleModel } from "./support/sample-model.ts";
import { splitGguf } from "./support/split-gguf.ts";

const folder = mkdtempSync(join(tmpdir(), "quantize-"));
afterAll(() => rmSync(folder, { recursive: true }));

const recipes = Object.keys(QUANTIZATION_RECIPES) as QuantizationRecipe[];
let files = 0;
const freshPath = () => join(folder, `${files++}.gguf`);
const sample = (options: SampleModel = {}) => writeSampleModel(freshPath(), options);

/** Types of a file's tensors, by name. */
async function typesOf(path: string): Promise<Record<string, string>> {
  const file = await GgufFile.open(path);
  await file.close();
  return Object.fromEntries([...file.tensors].map(([name, { type }]) => [name, type]));
}

/** Quantises with both, and expects the same types and the same bytes; gives the types. */
async function expectSame(
  source: string,
  recipe: QuantizationRecipe,
  allowRequantize = false,
): Promise<Record<string, string>> {
  const [ours, theirs] = [freshPath(), freshPath()];
  await quantizeFile(source, ours, recipe, { allowRequantize });
  llamaQuantize(source, theirs, QUANTIZATION_RECIPES[recipe].fileType, {
    allow_requantize: allowRequantize,
  });
  const types = await typesOf(ours);
  expect(types).toEqual(await typesOf(theirs));
  expect(readFileSync(ours).equals(readFileSync(theirs))).toBe(true);
  rmSync(ours);
  rmSync(theirs);
  return types;
}

describe.each<[string, SampleModel]>([
  ["of a model with an output matrix", {}],
  ["of one with tied embeddings", { isTied: true }],
  ["from BF16", { layers: 3, type: "BF16" }],
  ["from F16", { layers: 3, type: "F16" }],
  ["with rows that no block of 256 divides", { layers: 3, width: 96, feedForward: 160 }],
  ["with tied rows that no block of 256 divides", { layers: 3, width: 96, isTied: true }],
  ["with rows that no block of 32 divides", { layers: 3, width: 96, feedForward: 72 }],
  ["with eight experts", { layers: 9, feedForward: 64, experts: 8 }],
  ["with four experts", { layers: 9, feedForward: 256, experts: 4 }],
  ["of falcon", { architecture: "falcon", layers: 17 }],
  ["of qwen2", { architecture: "qwen2", layers: 7, isTied: true }],
])("%s, each recipe gives what llama.cpp writes, byte for byte", async (_, options) => {
  const source = await sample(options);
  test.each(recipes)("%s", async (recipe) => {
    await expectSame(source, recipe);
  });
});

test("the mixtures give more bits where llama.cpp does", async () => {
  const types = await expectSame(await sample({ layers: 10 }), "Q4_K_M");
  const layersWith = (name: string) =>
    Object.keys(types).filter((key) => key.includes(name) && types[key] === "Q6_K");
  expect(types).toMatchObject({ "output.weight": "Q6_K", "token_embd.weight": "Q4_K" });
  expect(layersWith("attn_v.weight").map((key) => key.split(".")[1])).toEqual([..."03689"]);
  expect(layersWith("ffn_down").map((key) => key.split(".")[1])).toEqual([..."03689"]);
});

test.each<[string, SampleModel, string]>([
  ["of which heads share values", { keyValueHeads: 1 }, "Q5_1"],
  ["of which every head has its own", { heads: 2, keyValueHeads: 2 }, "Q5_0"],
  ["of qwen2", { architecture: "qwen2", heads: 2, keyValueHeads: 2 }, "Q5_1"],
])("80 layers make a model of 70 billion parameters: one %s", async (_, options, expected) => {
  const source = await sample({ layers: 80, width: 32, feedForward: 32, ...options });
  expect((await expectSame(source, "Q4_K_M"))["blk.13.attn_v.weight"]).toBe(expected);
});

test("more rows than a piece holds make no difference", async () => {
  const source = await sample({ layers: 1, width: 256 * 300 });
  await expectSame(source, "Q8_0");
});

test("a quantised source is refused, unless that is allowed", async () => {
  const source = freshPath();
  await quantizeFile(await sample({ layers: 2 }), source, "Q8_0");
  const target = freshPath();
  await expect(quantizeFile(source, target, "Q4_K_M")).rejects.toMatchObject({
    code: "E_UNSUPPORTED",
    message: expect.stringContaining('it has "output.weight" in Q8_0'),
  });
  expect(existsSync(target)).toBe(false);
  await quantizeFile(source, target, "Q8_0"); // nothing to convert
  await expectSame(source, "Q4_K_M", true);
  await expectSame(source, "F16", true);
});

test("a recipe that does not exist is refused with those that do", async () => {
  const source = await sample({ layers: 1 });
  await expect(
    quantizeFile(source, freshPath(), "Q4_K" as QuantizationRecipe),
  ).rejects.toMatchObject({ code: "E_USAGE", hint: expect.stringContaining("Q4_K_M") });
});

test("what llama.cpp keeps is kept", async () => {
  const names = [
    "position_embd.weight",
    "blk.0.attn_q_norm.weight",
    "blk.0.ffn_gate_inp.weight",
    "blk.0.ssm_conv1d.weight",
    "blk.0.time_mix_a1.weight",
    "blk.0.time_mix_lerp_fused.weight",
    "blk.0.attn_rel_b.weight",
    "v.position_embd.weight",
    "blk.0.ffn_up.scale",
    "blk.0.attn_q.weight",
  ];
  const source = freshPath();
  const original = await GgufFile.open(await sample({ layers: 1 }));
  await original.close();
  const tensors = names.map((name) => ({ name, type: "F32", shape: [256, 2] }) as const);
  const writer = await GgufWriter.create(source, original.metadata, tensors);
  for (const { name } of tensors) await writer.write(name, new Float32Array(512).fill(0.5));
  await writer.commit();
  const types = await expectSame(source, "Q4_K_M");
  expect(Object.keys(types).filter((name) => types[name] !== "F32")).toEqual([
    "blk.0.attn_q.weight",
  ]);
});

test("a split model becomes one file", async () => {
  const whole = await sample({ layers: 2 });
  const count = Object.keys(await typesOf(whole)).length;
  const parts = await splitGguf(whole, join(folder, "parts"), [0, 9, count - 9]);
  const [fromWhole, fromParts] = [freshPath(), freshPath()];
  await quantizeFile(whole, fromWhole, "Q4_K_M");
  await quantizeFile(parts[1] as string, fromParts, "Q4_K_M");
  expect(readFileSync(fromParts).equals(readFileSync(fromWhole))).toBe(true);
  await expectSame(parts[0] as string, "Q5_K_M");
});

test("a model may take its own place", async () => {
  const [path, other] = [await sample({ layers: 1 }), freshPath()];
  await quantizeFile(path, other, "Q6_K");
  await quantizeFile(path, path, "Q6_K");
  expect(readFileSync(path).equals(readFileSync(other))).toBe(true);
});

test("progress counts the source's bytes, and an interruption leaves nothing", async () => {
  const source = await sample({ layers: 3 });
  const file = await GgufFile.open(source);
  await file.close();
  const { tensors } = file;
  const total = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const target = freshPath();
  const done: number[] = [];
  await quantizeFile(source, target, "Q4_0", {
    onProgress: (progress) => {
      expect(progress).toMatchObject({ stage: "ggml", total, unit: "bytes" });
      done.push(progress.done);
    },
  });
  expect(done).toHaveLength(tensors.size);
  expect(done.at(-1)).toBe(total);
  rmSync(target);

  const controller = new AbortController();
  const interrupted = quantizeFile(source, target, "Q4_0", {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(interrupted).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect(existsSync(target) || existsSync(`${target}.tmp`)).toBe(false);
});

test.each([
  ["not finite", Number.NaN, "F16"],
  ["too large for F16", 1e6, "F16"],
  ["not finite", Number.POSITIVE_INFINITY, "Q4_0"],
] as const)("numbers that are %s are refused: %f as %s", async (_, value, recipe) => {
  const path = freshPath();
  const writer = await GgufWriter.create(
    path,
    [
      ["general.architecture", { type: "string", value: "llama" }],
      ["llama.block_count", { type: "u32", value: 1 }],
    ],
    [{ name: "x.weight", type: "F32", shape: [32, 2] }],
  );
  await writer.write("x.weight", new Float32Array(64).fill(value, 40));
  await writer.commit();
  await expect(quantizeFile(path, freshPath(), recipe)).rejects.toMatchObject({
    code: "E_INPUT",
    message: expect.stringContaining('numbers in "x.weight" that are not finite, or too large'),
  });
});
