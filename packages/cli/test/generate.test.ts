import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GgufFile, type GgufValue, GgufWriter } from "@repotune/ggml";
import { PRE_TOKENIZERS } from "@repotune/schema";
import { tinyModel, truncatedModel, unsupportedModel } from "@repotune/test-kit/models";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { tinyTokenizer } from "@repotune/test-kit/tokenizer";
import { readVocabularyMetadata } from "@repotune/trainer";
import { afterAll, describe, expect, test } from "vitest";
import { type GenerationEnd, generate } from "../src/generate/generate.ts";
import type { GenerateOptions } from "../src/generate/options.ts";

/** More threads than free cores would make llama.cpp crawl. */
const quick = { threads: 1, gpu: "cpu", maxTokens: 12 } as const;

async function collect(options: GenerateOptions, context = {}) {
  const pieces: string[] = [];
  const generation = generate({ ...quick, ...options }, context);
  for (;;) {
    const { value, done } = await generation.next();
    if (done) return { pieces, text: pieces.join(""), end: value as GenerationEnd };
    pieces.push(value as string);
  }
}

const failure = (options: GenerateOptions, context = {}) =>
  collect(options, context).then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error,
  );

/** GPT-2's character for a byte of UTF-8 text, as far as the tests need. */
const byteToken = (byte: number): string =>
  byte === 0x20
    ? "Ġ"
    : byte < 0x7f || byte > 0xa0
      ? String.fromCharCode(byte)
      : String.fromCharCode(0x121 + byte - 0x7f);

/** Writes a random LoRA adapter for the query weights of a {@link tinyModel}. */
async function randomAdapter({
  name = "adapter",
  metadata = {},
  target = "blk.0.attn_q.weight",
  width = 256,
  suffixes = ["lora_a", "lora_b"],
  size = 1,
}: {
  name?: string;
  metadata?: Record<string, GgufValue>;
  target?: string;
  width?: number;
  suffixes?: string[];
  size?: number;
} = {}): Promise<string> {
  const path = `${temporaryFolder()}/${name}.gguf`;
  const rank = 4;
  const entries: Record<string, GgufValue> = {
    "general.type": { type: "string", value: "adapter" },
    "general.architecture": { type: "string", value: "llama" },
    "adapter.type": { type: "string", value: "lora" },
    "adapter.lora.alpha": { type: "f32", value: rank },
    ...metadata,
  };
  const shapes = [
    [width, rank],
    [rank, width],
  ];
  const writer = await GgufWriter.create(
    path,
    Object.entries(entries),
    suffixes.map((suffix, i) => ({
      name: `${target}.${suffix}`,
      type: "F32",
      shape: shapes[i] ?? [],
    })),
  );
  const { normal } = seededRandom(9);
  for (const { name, bytes } of writer.tensors) {
    await writer.write(
      name,
      Float32Array.from({ length: bytes / 4 }, () => size * normal()),
    );
  }
  await writer.commit();
  return path;
}

test.each([
  { type: "F32" },
  { type: "F16", tied: true },
  { type: "Q8_0", architecture: "qwen2" },
  { type: "Q4_K" },
] as const)("a model of the kind $type generates", async (options) => {
  const { text, end } = await collect({ model: await tinyModel(options), prompt: "abc" });
  expect(end).toEqual({ promptTokens: 3, generatedTokens: 12, stopReason: "max_tokens" });
  expect(text).not.toBe("");
});

describe("with a vocabulary trained on a repository", async () => {
  const folder = mkdtempSync(join(tmpdir(), "generate-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const tokenizer = tinyTokenizer({ folder });
  const vocabulary = await readVocabularyMetadata(tokenizer);
  const { model } = JSON.parse(readFileSync(tokenizer, "utf8"));
  /** Ids of structural tokens, and of the bytes of a text one by one. */
  const ids = (...parts: string[]): number[] =>
    parts.flatMap((part) =>
      part.startsWith("<")
        ? [model.vocab[part]]
        : Array.from(Buffer.from(part), (byte) => model.vocab[byteToken(byte)]),
    );
  const recite = async (...parts: string[]) => {
    const path = await tinyModel({ vocabulary, recites: ids(...parts), folder });
    return collect({ model: path, prompt: "<COMMIT_START>", maxTokens: 50 });
  };

  test("structure shows, characters stay whole, and <COMMIT_END> ends the text", async () => {
    const result = await recite(
      "<COMMIT_START>",
      "<FILE_START>",
      "a é🦀",
      "<FILE_END>",
      "<COMMIT_END>",
    );
    expect(result.text).toBe("<FILE_START>a é🦀<FILE_END>");
    expect(result.pieces).toEqual(["<FILE_START>", "a", " ", "é", "🦀", "<FILE_END>"]);
    expect(result.end).toEqual({ promptTokens: 1, generatedTokens: 10, stopReason: "end" });
  });

  test("a character that is never completed shows as such", async () => {
    const { text } = await recite("<COMMIT_START>", "a", "<COMMIT_END>");
    expect(text).toBe("a");
    const [first, second] = ids("🦀");
    const path = await tinyModel({
      vocabulary,
      recites: [...ids("<COMMIT_START>"), first ?? 0, second ?? 0, ...ids("<COMMIT_END>")],
      folder,
    });
    expect((await collect({ model: path, prompt: "<COMMIT_START>" })).text).toBe("\uFFFD");
  });

  test.each(PRE_TOKENIZERS)("source code keeps its spaces with the rule $name", async (rule) => {
    const tokenizer = tinyTokenizer({ rule, text: " ? ! ? !", merges: 2 });
    const { model } = JSON.parse(readFileSync(tokenizer, "utf8"));
    const spelled = ["<COMMIT_START>", "a", "Ġ?", "b", "Ġ!", "c", "<COMMIT_END>"];
    const path = await tinyModel({
      vocabulary: await readVocabularyMetadata(tokenizer),
      recites: spelled.map((token) => model.vocab[token]),
    });
    expect((await collect({ model: path, prompt: "<COMMIT_START>" })).text).toBe("a ?b !c");
  });

  test("an empty prompt is <COMMIT_START>", async () => {
    const recites = ids("<COMMIT_START>", "<CODE_START>", "<COMMIT_END>");
    const path = await tinyModel({ vocabulary, recites, folder });
    expect((await collect({ model: path, prompt: "" })).text).toBe("<CODE_START>");
  });
});

test("with a vocabulary of SentencePiece, words keep their spaces and bytes join to characters", async () => {
  const recites = [259, 285, 260, 290, 0xc3 + 3, 0xa9 + 3, 0, 2];
  const { text } = await collect({ model: await tinyModel({ recites }), prompt: "a" });
  expect(text).toBe(" b w290é<unk>");
});

test("the same seed gives the same text, another seed another", async () => {
  const model = await tinyModel();
  const of = async (seed: number) => (await collect({ model, prompt: "abc", seed })).text;
  const first = await of(1);
  expect(await of(1)).toBe(first);
  expect(await of(2)).not.toBe(first);
});

test("temperature 0 does without chance, and the wider F32 agrees with F16", async () => {
  const [f32, f16] = [await tinyModel(), await tinyModel({ type: "F16" })];
  const of = async (model: string, seed: number) =>
    (await collect({ model, prompt: "abc", temperature: 0, seed })).text;
  const greedy = await of(f32, 1);
  expect(await of(f32, 2)).toBe(greedy);
  expect(await of(f16, 1)).toBe(greedy);
});

test("an adapter changes the text, and one of zeros does not", async () => {
  const model = await tinyModel();
  const of = async (adapter?: string) =>
    (await collect({ model, adapter, prompt: "abc", temperature: 0 })).text;
  const plain = await of();
  expect(await of(await randomAdapter())).not.toBe(plain);
  expect(await of(await randomAdapter({ size: 0 }))).toBe(plain);
  expect(await of()).toBe(plain);
});

test("an empty prompt begins a document", async () => {
  const { end } = await collect({ model: await tinyModel(), prompt: "" });
  expect(end.promptTokens).toBe(1);
});

test("a long prompt is read in pieces to the same effect", async () => {
  const model = await tinyModel();
  const { end } = await collect({ model, prompt: "ab".repeat(150), maxTokens: 2 });
  expect(end).toEqual({ promptTokens: 300, generatedTokens: 2, stopReason: "max_tokens" });
});

test("a full context ends the text, with a notice", async () => {
  const model = await tinyModel({ context: 256 });
  const notices: string[] = [];
  const { end } = await collect(
    { model, prompt: "ab".repeat(125), maxTokens: 50 },
    { onNotice: (notice: string) => notices.push(notice) },
  );
  expect(end).toEqual({ promptTokens: 250, generatedTokens: 6, stopReason: "context" });
  expect(notices).toEqual([
    expect.stringContaining("after 6 tokens because the context of 256 is full"),
  ]);
});

test("more context than the model was trained for is allowed, with a notice", async () => {
  const model = await tinyModel({ context: 256 });
  const notices: string[] = [];
  const onNotice = (notice: string) => notices.push(notice);
  await collect({ model, prompt: "a", context: 512 }, { onNotice });
  expect(notices).toEqual([expect.stringContaining("trained for 256 tokens")]);
});

test("progress counts the tokens", async () => {
  const seen: unknown[] = [];
  const onProgress = (progress: unknown) => seen.push(progress);
  await collect({ model: await tinyModel(), prompt: "abc" }, { onProgress });
  expect(seen).toHaveLength(12);
  expect(seen.at(-1)).toEqual({ stage: "generate", done: 12, total: 12, unit: "tokens" });
});

test("an interruption ends it at once", async () => {
  const model = await tinyModel();
  expect(await failure({ model, prompt: "a" }, { signal: AbortSignal.abort() })).toMatchObject({
    code: "E_INTERRUPTED",
  });
  const controller = new AbortController();
  let done = 0;
  const onProgress = (progress: { done: number }) => {
    done = progress.done;
    if (done === 3) controller.abort();
  };
  const options = { model, prompt: "abc", maxTokens: 400 };
  expect(await failure(options, { signal: controller.signal, onProgress })).toMatchObject({
    code: "E_INTERRUPTED",
  });
  expect(done).toBe(3);
});

test("whoever stops listening stops the generation", async () => {
  for await (const piece of generate({
    ...quick,
    model: await tinyModel(),
    prompt: "abc",
    maxTokens: 400,
  })) {
    expect(piece).not.toBe("");
    break;
  }
});

test.each<[string, string, string, () => Promise<GenerateOptions>]>([
  [
    "no model",
    "E_NOT_FOUND",
    "no file /nowhere.gguf",
    async () => ({ model: "/nowhere.gguf", prompt: "a" }),
  ],
  [
    "a model that is cut off",
    "E_TRUNCATED",
    "is cut off in the data of tensor",
    async () => ({ model: await truncatedModel(), prompt: "a" }),
  ],
  [
    "an encoder",
    "E_UNSUPPORTED",
    '"bert"',
    async () => ({ model: await unsupportedModel(), prompt: "a" }),
  ],
  [
    "an architecture llama.cpp does not know",
    "E_UNSUPPORTED",
    '"nonesuch"',
    async () => ({ model: await tinyModel({ architecture: "nonesuch" as "llama" }), prompt: "a" }),
  ],
  [
    "an adapter for a model",
    "E_INPUT",
    'is of the type "adapter"',
    async () => ({ model: await randomAdapter(), prompt: "a" }),
  ],
  [
    "a model without weights",
    "E_INPUT",
    "has no weights",
    async () => {
      const path = `${temporaryFolder()}/empty.gguf`;
      await (await GgufWriter.create(path, [], [])).commit();
      return { model: path, prompt: "a" };
    },
  ],
  [
    "a model that lacks a tensor",
    "E_INPUT",
    "output_norm.weight",
    async () => ({ model: await without("output_norm.weight", await tinyModel()), prompt: "a" }),
  ],
  [
    "a prompt longer than the context",
    "E_INPUT",
    "The prompt has 600 tokens, which leaves no room in a context of 512",
    async () => ({ model: await tinyModel(), prompt: "ab".repeat(300) }),
  ],
  [
    "a prompt longer than the context asked for",
    "E_INPUT",
    "context of 4",
    async () => ({ model: await tinyModel(), prompt: "abcd", context: 4 }),
  ],
  [
    "an impossible temperature",
    "E_USAGE",
    "--temperature",
    async () => ({ model: "x", prompt: "a", temperature: -1 }),
  ],
])("%s: %s", async (_name, code, message, options) => {
  expect(await failure(await options())).toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test.each<[string, string, string, () => Promise<string>]>([
  ["no adapter", "E_NOT_FOUND", "no file /nowhere.gguf", async () => "/nowhere.gguf"],
  ["a model for an adapter", "E_INPUT", 'is no adapter but of the type "model"', () => tinyModel()],
  [
    "another architecture",
    "E_MISMATCH",
    '"gemma", the model\'s "llama"',
    () =>
      randomAdapter({ metadata: { "general.architecture": { type: "string", value: "gemma" } } }),
  ],
  [
    "another method",
    "E_UNSUPPORTED",
    '"control_vector"',
    () =>
      randomAdapter({ metadata: { "adapter.type": { type: "string", value: "control_vector" } } }),
  ],
  [
    "another width",
    "E_MISMATCH",
    '"blk.0.attn_q.weight" are 512×4 and 4×512, the model\'s tensor is 256×256',
    () => randomAdapter({ width: 512 }),
  ],
  [
    "another depth",
    "E_MISMATCH",
    'no tensor "blk.7.attn_q.weight"',
    () => randomAdapter({ target: "blk.7.attn_q.weight" }),
  ],
  ["half a pair", "E_MISMATCH", "256×4 and absent", () => randomAdapter({ suffixes: ["lora_a"] })],
  [
    "the other half",
    "E_MISMATCH",
    "absent and 256×4",
    () => randomAdapter({ suffixes: ["lora_b"] }),
  ],
  ["something else", "E_MISMATCH", "none of LoRA's", () => randomAdapter({ suffixes: ["scale"] })],
])("an adapter that does not fit, %s: %s", async (_name, code, message, adapter) => {
  expect(
    await failure({ model: await tinyModel(), prompt: "a", adapter: await adapter() }),
  ).toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test.each(["cuda", "vulkan", "metal"] as const)(
  "where there is no %s, it says so or uses it",
  async (gpu) => {
    const { getLlamaGpuTypes } = await import("node-llama-cpp");
    const there = await getLlamaGpuTypes("supported");
    const options = { model: await tinyModel(), prompt: "a", gpu };
    const generated = await collect(options).then(
      ({ end }) => end.generatedTokens,
      (error: unknown) => error,
    );
    if (typeof generated === "number") {
      expect(there).toContain(gpu);
      expect(generated).toBeGreaterThan(0);
    } else {
      // The machine may have what the build needs, and yet not the build.
      expect(generated).toMatchObject({
        code: "E_UNSUPPORTED",
        message: expect.stringContaining(gpu),
      });
    }
  },
);

/** A copy of a model that lacks a tensor. */
async function without(name: string, model: string): Promise<string> {
  const file = await GgufFile.open(model);
  const path = `${temporaryFolder()}/without.gguf`;
  const kept = [...file.tensors.values()].filter((tensor) => tensor.name !== name);
  const writer = await GgufWriter.create(path, file.metadata, kept);
  for (const tensor of kept) await writer.write(tensor.name, await file.read(tensor));
  await writer.commit();
  await file.close();
  return path;
}
