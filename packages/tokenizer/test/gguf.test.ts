import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GgufWriter } from "@repotune/ggml";
import { vocabularyHash } from "@repotune/schema";
import { tinyModel } from "@repotune/test-kit/models";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, onTestFinished, test } from "vitest";
import {
  decodeBytes,
  encodeDocument,
  encoderOf,
  type LoadOptions,
  loadGgufVocabulary,
  RENDERINGS,
  STRUCTURE_TOKENS,
} from "../src/index.ts";
import { openLlamaVocabulary } from "../src/vocabulary/llama-cpp.ts";
import { type GgufEntries, ggufEntries } from "./gguf-entries.ts";
import { randomText } from "./random.ts";
import { realTexts } from "./real-text.ts";
import { realVocabulary } from "./vocabulary.ts";

async function load(path: string, options?: LoadOptions) {
  const encoder = await loadGgufVocabulary(path, options);
  onTestFinished(async () => encoder.dispose?.());
  return encoder;
}

const json = realVocabulary();
const ours = encoderOf(json, "trained");
const specialIds = json.added_tokens.map(({ id }) => id);
const ownModel = () => tinyModel({ vocabulary: ggufEntries(json, specialIds), layers: 1 });
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");

test("llama.cpp gives our ids for a GGUF that holds our vocabulary", async () => {
  const path = await ownModel();
  const loaded = await load(path);
  expect(loaded.vocabulary).toEqual({ ...ours.vocabulary, kind: "gguf" });
  expect(loaded.tokenBytes.map(text)).toEqual(ours.tokenBytes.map(text));
  for (const source of realTexts()) expect(loaded.encode(source)).toEqual(ours.encode(source));
  const theirs = await openLlamaVocabulary(path);
  onTestFinished(() => theirs.dispose());
  for (const source of realTexts()) expect(theirs.encode(source)).toEqual(ours.encode(source));
  const random = seededRandom(23);
  for (let round = 0; round < 300; round++) {
    const sample = `${randomText(random.uniform, random.below(100))}${round % 3 ? "" : "\ufeff\u0085\u2028x"}`; // prettier-ignore
    expect(theirs.encode(sample)).toEqual(ours.encode(sample));
  }
});

test("structure in a text stays text, and is made of the model's own tokens otherwise", async () => {
  const theirs = await load(await ownModel());
  expect(theirs.spelling).toBe("tokens");
  for (const token of STRUCTURE_TOKENS) {
    expect(theirs.structure(token)).toEqual(ours.structure(token));
    expect(theirs.encode(token)).toEqual(ours.encode(token));
  }
});

test("a model that knows no structure gets it as plain text, closed by its own end", async () => {
  const foreign = JSON.parse(JSON.stringify(json).replaceAll("<COMMIT_END>", "<|endoftext|>"));
  const encoder = await load(await tinyModel({ vocabulary: ggufEntries(foreign, [4]), layers: 1 }));
  expect(encoder.spelling).toBe("plain");
  const { ids } = encodeDocument(
    RENDERINGS.semantic.units({ message: "Fix it <|endoftext|>" }, [
      {
        chunk_id: "0123456789ab_0",
        file_path: "src/a.rs",
        old_file_path: null,
        change_category: "M",
        module_path: "crate::a",
        section: null,
        change_type: "bug_fix",
        old_code: "one();",
        new_code: "two();",
        patch: "",
      },
    ]),
    encoder,
    500,
  );
  expect(text(decodeBytes(encoder, ids))).toBe(
    "commit: Fix it <|endoftext|>\nfile: src/a.rs\nmodule: crate::a\nchange: bug_fix\n" +
      "before:\n```\none();\n```\nafter:\n```\ntwo();\n```\n",
  );
  expect(ids.indexOf(4)).toBe(ids.length - 1);
});

test("a SentencePiece vocabulary spells any text, without a space of its own", async () => {
  const encoder = await load(await tinyModel({ vocabulary: 400, layers: 1 }));
  expect(encoder.vocabulary).toMatchObject({ kind: "gguf", vocab_size: 400, document_end_id: 2 });
  for (const sample of ["abc def", "  fn a() {\n\tb\n}", "naïve 日本 🙂", "</s><s>", "\n\n x"]) {
    const ids = encoder.encode(sample);
    expect(text(decodeBytes(encoder, ids))).toBe(sample);
    expect(ids).not.toContain(2);
  }
  const [first] = encoder.structure("<MESSAGE_START>");
  expect(text(encoder.tokenBytes[first ?? 0] ?? new Uint8Array())).toBe("c");
});

test("the vocabulary's identity is that of its tokens", async () => {
  const encoder = await load(await ownModel());
  const tokens = Object.entries(json.model.vocab as Record<string, number>).sort(
    ([, a], [, b]) => a - b,
  ); // prettier-ignore
  expect(encoder.vocabulary.vocabulary_hash).toBe(vocabularyHash(tokens.map(([token]) => token)));
});

const preTokenized = (preTokenizer: string, source = json) =>
  tinyModel({ vocabulary: ggufEntries(source, specialIds, { preTokenizer }), layers: 1 });

test.each(["qwen2", "llama-bpe", "gpt-2", "starcoder", "smaug-bpe"])(
  "under the rule %s ids are those of llama.cpp",
  async (rule) => {
    const path = await preTokenized(rule);
    const notices: string[] = [];
    const encoder = await loadGgufVocabulary(path, { onNotice: (notice) => notices.push(notice) });
    expect(notices).toEqual([]);
    const theirs = await openLlamaVocabulary(path);
    onTestFinished(() => theirs.dispose());
    const random = seededRandom(31);
    const texts = [
      ...realTexts().slice(0, 8),
      ...Array.from({ length: 200 }, () => randomText(random.uniform, random.below(100))),
    ];
    for (const sample of texts) expect(encoder.encode(sample)).toEqual(theirs.encode(sample));
  },
);

test("a rule that only llama.cpp knows is left to it, and it is said; long words do no harm", async () => {
  const path = await preTokenized("default");
  const notices: string[] = [];
  const encoder = await loadGgufVocabulary(path, { onNotice: (notice) => notices.push(notice) });
  onTestFinished(async () => encoder.dispose?.());
  expect(notices).toEqual([expect.stringMatching(/encoded by llama\.cpp.*"default"/)]);
  const theirs = await openLlamaVocabulary(path);
  onTestFinished(() => theirs.dispose());
  // Longer texts are cut where words end.
  for (const source of realTexts()) expect(encoder.encode(source)).toEqual(theirs.encode(source));
  for (const piece of ["a", " ", "日", "🙂"]) {
    const long = `${piece.repeat(200_000)}x`;
    expect(text(decodeBytes(encoder, encoder.encode(long))) === long).toBe(true);
  }
}, 60_000);

test("under llama-bpe a word that is a token is that token, whatever its merges", async () => {
  const source = structuredClone(json);
  source.model.merges = (source.model.merges ?? []).slice(0, -1);
  const last = ours.tokenBytes.length - 1;
  const word = text(ours.tokenBytes[last] ?? new Uint8Array());
  const plain = await load(await preTokenized("qwen2", source));
  const ignoring = await load(await preTokenized("llama-bpe", source));
  expect(plain.encode(word).length).toBeGreaterThan(1);
  expect(ignoring.encode(word)).toEqual([last]);
});

test("pieces that are the likeliest (t5) are chosen by llama.cpp", async () => {
  const pieces = ["<pad>", "</s>", "<unk>", "▁", "fn", "▁main", "a", "b", "\n"];
  const vocabulary: GgufEntries = [
    ["tokenizer.ggml.model", { type: "string", value: "t5" }],
    ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: pieces }],
    [
      "tokenizer.ggml.scores",
      { type: "array", elementType: "f32", value: Float32Array.from(pieces, (_, i) => -i) },
    ],
    [
      "tokenizer.ggml.token_type",
      { type: "array", elementType: "i32", value: Int32Array.of(3, 3, 2, 1, 1, 1, 1, 1, 1) },
    ],
    ["tokenizer.ggml.eos_token_id", { type: "u32", value: 1 }],
    ["tokenizer.ggml.unknown_token_id", { type: "u32", value: 2 }],
    ["tokenizer.ggml.add_space_prefix", { type: "bool", value: false }],
  ];
  const encoder = await load(await tinyModel({ vocabulary, layers: 1 }));
  expect(encoder.encode("fn mainab")).toEqual([4, 5, 6, 7]);
  expect(text(decodeBytes(encoder, [4, 5, 6, 7]))).toBe("fn mainab");
});

const fails = async (path: string, code: string, options?: LoadOptions) => {
  const error = await loadGgufVocabulary(path, options).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(path) });
  return error;
};

test("what is no usable GGUF is refused, with its name and what to do", async () => {
  await fails("/nowhere/model.gguf", "E_NOT_FOUND");
  const path = join(temporaryFolder(), "model.gguf");
  await writeFile(path, "not a model");
  expect(await fails(path, "E_INPUT")).toMatchObject({ hint: expect.stringMatching(/GGUF/) });
  await writeFile(path, "GGUF is not what this is");
  await fails(path, "E_UNSUPPORTED");
  const withKind = async (kind: string) =>
    tinyModel({
      vocabulary: [...ggufEntries(json, specialIds)].map(([key, value]) =>
        key === "tokenizer.ggml.model" ? [key, { type: "string", value: kind }] : [key, value],
      ),
      layers: 1,
    });
  for (const kind of ["bert", "rwkv", "plamo2", "no_vocab"]) {
    expect(await fails(await withKind(kind), "E_UNSUPPORTED")).toMatchObject({
      message: expect.stringContaining(`"${kind}"`),
      hint: expect.stringContaining("gpt2, llama, t5"),
    });
  }
});

test("a GGUF without a vocabulary is refused", async () => {
  const writer = await GgufWriter.create(
    join(temporaryFolder(), "adapter.gguf"),
    [["general.architecture", { type: "string", value: "llama" }]],
    [],
  );
  await writer.commit();
  expect(await fails(writer.path, "E_UNSUPPORTED")).toMatchObject({
    message: expect.stringContaining("holds no vocabulary"),
    hint: expect.stringMatching(/Adapters/),
  });
});

test("a token that is there twice is refused before llama.cpp ends the process for it", async () => {
  const entries = [...ggufEntries(json, specialIds)].map(([key, value]) => {
    if (key !== "tokenizer.ggml.tokens" || value.type !== "array") return [key, value] as const;
    const tokens = [...(value.value as string[])];
    tokens[400] = tokens[401] ?? "";
    return [key, { ...value, value: tokens } as typeof value] as const;
  });
  const path = await tinyModel({ vocabulary: entries, layers: 1 });
  expect(await fails(path, "E_INPUT")).toMatchObject({
    message: expect.stringMatching(/tokens 400 and 401 are both/),
  });
});

test("a vocabulary other than the one that ids were made with is refused", async () => {
  const path = await ownModel();
  const hash = ours.vocabulary.vocabulary_hash;
  await load(path, { expectedHash: hash });
  expect(await fails(path, "E_MISMATCH", { expectedHash: "0".repeat(64) })).toMatchObject({
    message: expect.stringContaining(hash.slice(0, 12)),
  });
});

test("a GGUF that is cut off anywhere is refused", async () => {
  const bytes = await readFile(await ownModel());
  const path = join(temporaryFolder(), "cut.gguf");
  for (const length of [6, 23, 100, 5_000, 15_000]) {
    await writeFile(path, bytes.subarray(0, length));
    expect(await fails(path, "E_TRUNCATED")).toMatchObject({ hint: expect.stringMatching(/./) });
  }
  await writeFile(path, bytes.subarray(0, 300_000));
  await fails(path, "E_INPUT"); // Only weights are missing, and llama.cpp finds that.
});
