import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { PRE_TOKENIZERS } from "@repotune/schema";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { decodeBytes, loadTokenizerJson, type TokenizerJson } from "../src/index.ts";
import { randomText } from "./random.ts";
import { realTexts } from "./real-text.ts";
import { realVocabulary } from "./vocabulary.ts";

async function load(json: unknown) {
  const path = join(temporaryFolder(), "tokenizer.json");
  await writeFile(path, typeof json === "string" ? json : JSON.stringify(json));
  return loadTokenizerJson(path);
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

test("what is no usable tokenizer.json is refused", async () => {
  await expect(loadTokenizerJson("/nowhere.json")).rejects.toMatchObject({ code: "E_NOT_FOUND" });
  await expect(load("{")).rejects.toMatchObject({ code: "E_INPUT" });
  await expect(load("null")).rejects.toMatchObject({ code: "E_INPUT" });
  await expect(load({ model: {} })).rejects.toMatchObject({ code: "E_INPUT" });
  const json = realVocabulary(352);
  const wordPiece = { ...json, model: { ...json.model, type: "WordPiece" } };
  await expect(load(wordPiece)).rejects.toMatchObject({ code: "E_UNSUPPORTED" });
  const { "!": _, ...vocab } = json.model.vocab as Record<string, number>;
  const holed = { ...json, model: { ...json.model, vocab } };
  await expect(load(holed)).rejects.toMatchObject({
    code: "E_INPUT",
    message: expect.stringMatching(/no token 64/),
  });
  const doubled = { ...json, model: { ...json.model, vocab: { ...vocab, "!": 65 } } };
  await expect(load(doubled)).rejects.toMatchObject({ code: "E_INPUT" });
});
