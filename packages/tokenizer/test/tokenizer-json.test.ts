import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { PRE_TOKENIZERS } from "@repotune/schema";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import {
  type AddedToken,
  decodeBytes,
  type LoadOptions,
  loadTokenizerJson,
  type TokenizerJson,
} from "../src/index.ts";
import { randomText } from "./random.ts";
import { realTexts } from "./real-text.ts";
import { realVocabulary } from "./vocabulary.ts";

async function load(json: unknown, options?: LoadOptions) {
  const path = join(temporaryFolder(), "tokenizer.json");
  await writeFile(path, typeof json === "string" ? json : JSON.stringify(json));
  return loadTokenizerJson(path, options);
}

/** The library's ids of a text in which no added token is looked for. */
function libraryEncoder(json: TokenizerJson) {
  const library = new Tokenizer(
    { ...json, added_tokens: [] },
    { clean_up_tokenization_spaces: false },
  ); // prettier-ignore
  return (text: string) => library.encode(text, { add_special_tokens: false }).ids;
}

const split = (Regex: string) => ({
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false },
    { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
  ],
});

/** A vocabulary with other special tokens, such as published models have. */
function published(preTokenizer: unknown): TokenizerJson {
  const json = JSON.parse(
    JSON.stringify(realVocabulary())
      .replaceAll("<COMMIT_END>", "<|endoftext|>")
      .replaceAll("<COMMIT_START>", "<|im_start|>"),
  );
  return { ...json, pre_tokenizer: preTokenizer };
}

test.each([
  ...PRE_TOKENIZERS.map(({ name, pattern }): [string, unknown] => [name, split(pattern)]),
  ["ByteLevel alone", { type: "ByteLevel", add_prefix_space: false, trim_offsets: true }],
  ["an unknown rule", split("\\p{L}+|\\p{N}{1,2}|[^\\p{L}\\p{N}]")],
])("ids under the rule %s are those of @huggingface/tokenizers", async (_, rule) => {
  const json = published(rule);
  const encoder = await load(json);
  const expected = libraryEncoder(json);
  const random = seededRandom(29);
  const texts = [
    ...realTexts().slice(0, 6),
    ...Array.from({ length: 60 }, () => randomText(random.uniform, 60)),
  ]; // prettier-ignore
  for (const text of texts) {
    expect(encoder.encode(text)).toEqual(expected(text));
    expect(Buffer.from(decodeBytes(encoder, encoder.encode(text))).toString()).toBe(text);
  }
});

test("a vocabulary without structure spells it as text, closed by its own end", async () => {
  const json = published(split(PRE_TOKENIZERS[0]?.pattern ?? ""));
  const encoder = await load(json);
  const end = (json.model.vocab as Record<string, number>)["<|endoftext|>"] ?? -1;
  expect(encoder.spelling).toBe("plain");
  expect(encoder.vocabulary).toMatchObject({ kind: "tokenizer.json", document_end_id: end });
  expect(encoder.structure("<COMMIT_END>")).toEqual([end]);
  expect(encoder.structure("<COMMIT_START>")).toEqual([]);
  expect(encoder.structure("<FILE_START>")).toEqual(encoder.encode("file: "));
  expect(encoder.encode("<|endoftext|>")).not.toContain(end);
  expect(encoder.tokenBytes[end]).toHaveLength(0);
});

test("a Unigram vocabulary is encoded by the library", async () => {
  const json = {
    version: "1.0",
    added_tokens: [{ id: 0, content: "</s>", special: true }],
    normalizer: null,
    pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "never", split: false },
    decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "never", split: false },
    model: {
      type: "Unigram",
      unk_id: 1,
      vocab: [
        ["</s>", 0],
        ["<unk>", -9],
        ["fn", -1],
        ["▁main", -2],
        ["▁", -3],
        ["a", -4],
      ], // prettier-ignore
    },
  };
  const encoder = await load(json);
  expect(encoder.encode("fn main a")).toEqual([2, 3, 4, 5]);
  expect(Buffer.from(decodeBytes(encoder, [2, 3, 4, 5])).toString()).toBe("fn main a");
  expect(encoder.vocabulary.vocab_size).toBe(6);
});

const wordPiece = {
  version: "1.0",
  added_tokens: ["[UNK]", "[MASK]"].map((content, id) => ({ id, content, special: true })),
  normalizer: { type: "BertNormalizer", clean_text: true, lowercase: true, strip_accents: null },
  pre_tokenizer: { type: "BertPreTokenizer" },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: {
      "[UNK]": 0,
      "[MASK]": 1,
      get: 2,
      "##s": 3,
      "##er": 4,
      "(": 5,
      "[": 6,
      "]": 7,
      mask: 8,
    },
  },
};

test("a WordPiece vocabulary is encoded by the library, and said not to keep a text", async () => {
  const notices: string[] = [];
  const encoder = await load(wordPiece, { onNotice: (notice) => notices.push(notice) });
  expect(encoder.encode("Gets (getter")).toEqual([2, 3, 5, 0]);
  expect(encoder.encode("geters[MASK]")).toEqual([2, 4, 3, 6, 8, 7]);
  expect(Buffer.from(decodeBytes(encoder, [2, 4, 3, 5])).toString()).toBe(" geters (");
  expect(notices).toEqual([
    expect.stringMatching(/encoded slowly.*not plain byte-level BPE/),
    expect.stringMatching(/does not keep a text/),
  ]);
});

test("no space is put before a text, where the vocabulary wants one before every text", async () => {
  const json = {
    version: "1.0",
    added_tokens: [{ id: 0, content: "<unk>", special: true }],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    decoder: null,
    model: {
      type: "BPE",
      unk_token: "<unk>",
      byte_fallback: true,
      vocab: { "<unk>": 0, f: 1, n: 2, "▁": 3, fn: 4, "▁fn": 5, "<0xC3>": 6, "<0x9F>": 7 },
      merges: ["f n", "▁ fn"],
    },
  };
  const encoder = await load(json);
  expect(encoder.encode("fn fnß")).toEqual([4, 5, 6, 7]);
  expect(Buffer.from(decodeBytes(encoder, [4, 5, 6, 7])).toString()).toBe("fn fnß");
});

test("a long text is encoded by the library, too", async () => {
  const encoder = await load(published(split("[a-z]{1,3}")));
  const text = `${"x".repeat(300_000)}\n${"🙂".repeat(60_000)}\n`.repeat(2);
  expect(Buffer.from(decodeBytes(encoder, encoder.encode(text))).toString()).toBe(text);
});

test("pieces that were added for plain text are found in it, names of structure are not", async () => {
  const json = published(split(PRE_TOKENIZERS[0]?.pattern ?? ""));
  const size = Object.keys(json.model.vocab).length;
  const added = ["    ", "<tool_call>", "        "].map((content, i) => ({
    ...(json.added_tokens[0] as AddedToken),
    id: size + i,
    content,
    special: false,
  }));
  const notices: string[] = [];
  const encoder = await load(
    { ...json, added_tokens: [...json.added_tokens, ...added] },
    { onNotice: (notice) => notices.push(notice) },
  );
  expect(notices).toEqual([]);
  const space = encoder.encode("  ");
  expect(encoder.encode("              ")).toEqual([size + 2, size, ...space]);
  expect(encoder.encode("<tool_call>")).not.toContain(size + 1);
  const text = "if (a) {\n            <tool_call>\n}";
  expect(Buffer.from(decodeBytes(encoder, encoder.encode(text))).toString()).toBe(text);
});

test("a normal form is applied, and it is said that text changes", async () => {
  const json = published(split(PRE_TOKENIZERS[0]?.pattern ?? ""));
  const notices: string[] = [];
  const encoder = await load(
    { ...json, normalizer: { type: "NFC" } },
    { onNotice: (notice) => notices.push(notice) },
  );
  expect(encoder.encode("e\u0301")).toEqual(encoder.encode("é"));
  expect(notices).toEqual([expect.stringMatching(/does not keep a text/)]);
});

test("where this package and the library differ, the library encodes, and it is said", async () => {
  const notices: string[] = [];
  const removing = published({
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: "\\s+" }, behavior: "Removed", invert: false },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    ],
  });
  const lossy = await load(removing, { onNotice: (notice) => notices.push(notice) });
  expect(lossy.encode("a b")).toEqual(libraryEncoder(removing)("a b"));
  expect(notices).toEqual([
    expect.stringMatching(/encoded slowly, by a library: token \d+ of the sample is/),
    expect.stringMatching(/does not keep a text/),
  ]);
});

async function refusal(json: unknown, options?: LoadOptions) {
  const error: unknown = await load(json, options).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: expect.stringContaining("tokenizer.json") });
  expect(error).toMatchObject({ hint: expect.stringMatching(/./) });
  return error;
}

test("what is no usable tokenizer.json is refused, with its name and what to do", async () => {
  await expect(loadTokenizerJson("/nowhere.json")).rejects.toMatchObject({ code: "E_NOT_FOUND" });
  const json = realVocabulary(384);
  const text = JSON.stringify(json);
  const input = expect.objectContaining({ code: "E_INPUT" });
  for (const length of [0, 1, 100, 5_000, text.length - 1]) {
    expect(await refusal(text.slice(0, length))).toEqual(input);
  }
  const { model } = json;
  for (const wrong of [
    null,
    [],
    "a vocabulary",
    { model: {} },
    { ...json, added_tokens: undefined },
    { ...json, added_tokens: [{ content: "<a>" }] },
    { ...json, model: { ...model, vocab: { a: "b" } } },
    { ...json, model: { ...model, vocab: [["a", "b"]] } },
    { ...json, model: { ...model, merges: ["ab"] } },
    { ...json, model: { ...model, merges: [["a"]] } },
  ]) {
    expect(await refusal(JSON.stringify(wrong))).toEqual(input);
  }
});

test("what cannot be encoded as the file wants is refused", async () => {
  const json = realVocabulary(384);
  const unsupported = expect.objectContaining({ code: "E_UNSUPPORTED" });
  const { model } = json;
  for (const wrong of [
    { ...json, model: { ...model, type: "WordLevel" } },
    { ...json, normalizer: { type: "Nmt" } },
    { ...json, pre_tokenizer: { type: "UnicodeScripts" } },
    { ...json, pre_tokenizer: { ...split(" ").pretokenizers[0], behavior: "MergedWithNext" } },
    { ...json, model: { ...model, merges: undefined } },
  ]) {
    expect(await refusal(wrong)).toEqual(unsupported);
  }
});

test("ids with gaps, ids that two tokens share, and ids beyond all bounds are refused", async () => {
  const json = realVocabulary(384);
  const { "!": _, ...vocab } = json.model.vocab as Record<string, number>;
  const withVocab = (entries: Record<string, number>) => ({
    ...json,
    model: { ...json.model, vocab: { ...vocab, ...entries } },
  });
  expect(await refusal(withVocab({}))).toMatchObject({
    code: "E_INPUT",
    message: expect.stringMatching(/no token \d+/),
  });
  expect(await refusal(withVocab({ "!": 1 }))).toMatchObject({ code: "E_INPUT" });
  for (const far of [4e9, 2 ** 40]) {
    expect(await refusal(withVocab({ "!": far }))).toMatchObject({ code: "E_INPUT" });
  }
});

test("a vocabulary other than the one that ids were made with is refused", async () => {
  const json = realVocabulary(384);
  const { vocabulary } = await load(json);
  await load(json, { expectedHash: vocabulary.vocabulary_hash });
  expect(await refusal(json, { expectedHash: "0".repeat(64) })).toMatchObject({
    code: "E_MISMATCH",
    message: expect.stringContaining(vocabulary.vocabulary_hash.slice(0, 12)),
  });
});
