import { GgufFile, GgufMetadata, type GgufValue } from "@repotune/ggml";
import { isStageError, type StageError } from "@repotune/schema";
import { type TinyModelOptions, tinyModel, unsupportedModel } from "@repotune/test-kit/models";
import { describe, expect, test } from "vitest";
import { openDataset } from "../src/data/token-dataset.ts";
import { BaseModelFile } from "../src/model/base.ts";
import { loadModel } from "../src/model/open-model.ts";
import { createModel } from "../src/model/scratch.ts";
import { writeDataset } from "./support/dataset.ts";
import { trainOptions } from "./support/options.ts";
import { cpu } from "./support/tiny.ts";
import { families, narrow, variants, yarn } from "./support/variants.ts";

const u32 = (value: number): GgufValue => ({ type: "u32", value });
const f32 = (value: number): GgufValue => ({ type: "f32", value });

/** The error that opening a base gives. */
async function refusal(path: string): Promise<StageError> {
  const error: unknown = await BaseModelFile.open(path).catch((error: unknown) => error);
  if (isStageError(error)) return error;
  throw new TypeError(`${path} was not refused.`, { cause: error });
}

test("an unknown architecture is refused with a list of those that can be trained", async () => {
  const error = await refusal(await unsupportedModel());
  expect(error.code).toBe("E_UNSUPPORTED");
  expect(error.message).toContain('of architecture "bert"');
  expect(error.hint).toBe(`Models of these can be trained: ${Object.keys(families).join(", ")}.`);
});

const refused: [what: string, options: TinyModelOptions][] = [
  ["8 experts", { settings: { expert_count: u32(8) } }],
  [
    'rope scaling "longrope"',
    { settings: { "rope.scaling.type": { type: "string", value: "longrope" } } },
  ],
  [
    "attention to tokens that come later",
    { settings: { "attention.causal": { type: "bool", value: false } } },
  ],
  ["keys and values of different sizes", { settings: { "attention.value_length": u32(16) } }],
  ["capped logits", { architecture: "gemma3", settings: { final_logit_softcapping: f32(30) } }],
  [
    "sliding windows in a pattern of 2 layers",
    { architecture: "gemma3", settings: { "attention.sliding_window_pattern": u32(2) } },
  ],
  ['rope scaling "yarn"', { architecture: "gemma3", settings: yarn }],
  ["62 layers", { architecture: "gemma3", settings: { block_count: u32(62) } }],
];

test.each(refused)("a model with %s is refused", async (what, options) => {
  const error = await refusal(await tinyModel({ ...options, width: 32, feedForward: 32 }));
  expect(error.code).toBe("E_UNSUPPORTED");
  expect(error.message).toContain(`is a ${options.architecture ?? "llama"} model with ${what}`);
  expect(error.hint).toContain("README");
});

test("a weight too many or too few is refused by its name", async () => {
  const untied = await refusal(await tinyModel({ architecture: "gemma", tied: false }));
  expect(untied.code).toBe("E_UNSUPPORTED");
  expect(untied.message).toContain('the weight "output.weight"');
  const unbiased = await refusal(await tinyModel({ architecture: "qwen2", biases: [] }));
  expect(unbiased.code).toBe("E_INPUT");
  expect(unbiased.message).toContain('no tensor "blk.0.attn_q.bias"');
});

test.each(Object.entries(variants))(
  "%s: metadata that are written are read again",
  async (_, options) => {
    const file = await GgufFile.open(await tinyModel({ ...options, width: 32, feedForward: 32 }));
    await file.close();
    const base = await BaseModelFile.open(file.path);
    await base.close();
    const { architecture, config } = base;
    const written = new GgufMetadata("again.gguf", [
      ["general.architecture", { type: "string", value: architecture.name }],
      ...architecture.writeConfig(config),
    ]);
    expect(architecture.readConfig(written, config.vocabularySize)).toEqual(config);
  },
);

test.each(Object.entries(families))(
  "%s: a model from scratch starts with biases of 0 and norms of 1",
  async (_, options) => {
    const base = await BaseModelFile.open(await tinyModel({ ...options, ...narrow }));
    await base.close();
    const model = createModel(cpu, base.architecture, base.config, { isTied: false, seed: 1 });
    for (const { name, value, shape } of model.parameters.all) {
      const values = new Set(value.read());
      if (name.endsWith(".bias")) expect(values, name).toEqual(new Set([0]));
      else if (name.endsWith("norm.weight")) expect(values, name).toEqual(new Set([1]));
      else {
        expect(shape.length, name).toBe(2);
        expect(values.size, name).toBeGreaterThan(100);
      }
    }
    model.dispose();
  },
);

describe("sequences longer than what attention is computed for in full", () => {
  /** Opens a model with metadata `settings` for a dataset of sequences of 32 tokens. */
  async function open(options: TinyModelOptions): Promise<void> {
    const base = await tinyModel({ ...options, width: 32, feedForward: 32 });
    const file = await GgufFile.open(base);
    await file.close();
    const tokens = file.metadata.strings("tokenizer.ggml.tokens");
    const { folder } = await writeDataset({ tokens, documentLength: 16, perSequence: 2 });
    const dataset = await openDataset(folder);
    try {
      const { model } = await loadModel(trainOptions({ dataset: folder, base }), dataset, cpu);
      model.dispose();
    } finally {
      await dataset.close();
    }
  }
  const window = (tokens: number) => ({ "attention.sliding_window": u32(tokens) });
  const scaled = (tokens: number) => ({
    "attention.temperature_scale": f32(0.1),
    ...yarn,
    "rope.scaling.original_context_length": u32(tokens),
  });

  test.each([
    ["a sliding window", "llama", window],
    ["a sliding window", "gemma3", window],
    ["unscaled attention", "mistral3", scaled],
  ] as const)("are refused with %s of a %s model", async (what, architecture, settings) => {
    await expect(open({ architecture, settings: settings(31) })).rejects.toMatchObject({
      code: "E_UNSUPPORTED",
      message: expect.stringContaining(`${what} of 31`),
      hint: "Build the dataset with --sequence-length 31, or less.",
    });
    await expect(open({ architecture, settings: settings(32) })).resolves.toBeUndefined();
  });
});
