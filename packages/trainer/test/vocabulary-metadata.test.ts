import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tokenizer } from "@huggingface/tokenizers";
import { PRE_TOKENIZERS, SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import { tinyModel } from "@repotune/test-kit/models";
import { seededRandom } from "@repotune/test-kit/random";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { tinyTokenizer } from "@repotune/test-kit/tokenizer";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import { expect, onTestFinished, test } from "vitest";
import { readVocabularyMetadata } from "../src/vocabulary-metadata.ts";

type Json = Record<string, unknown>;

const sourceFolder = fileURLToPath(new URL("../../schema/src/", import.meta.url));
const sources = readdirSync(sourceFolder)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(join(sourceFolder, name), "utf8"));

/** llama.cpp's own tokenizer over the vocabulary in `tokenizerJsonPath`. */
async function llamaVocabulary(tokenizerJsonPath: string) {
  const vocabulary = await readVocabularyMetadata(tokenizerJsonPath);
  const modelPath = await tinyModel({ vocabulary, layers: 1 });
  const llama = await getLlama({
    gpu: false,
    build: "never",
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
  });
  onTestFinished(() => llama.dispose());
  return llama.loadModel({ modelPath, vocabOnly: true });
}

/** A tokenizer.json of which some top-level parts are others. */
function tokenizerWith(parts: (json: Json) => Json): string {
  const path = tinyTokenizer();
  const json = JSON.parse(readFileSync(path, "utf8")) as Json;
  writeFileSync(path, JSON.stringify({ ...json, ...parts(json) }));
  return path;
}

/** Pieces that have been trouble somewhere: line ends, indents, marks, other scripts, half tokens. */
const PIECES = [
  ..."\n|\r\n|\t|    | |  \n|\u00a0|\u2028|fn |self.|don't|WE'LL|x'S|'ſ|é|e\u0301|日本|ʼn|ß|İ|🦀|👩‍🔬|\ufeff|\0|",
  ..."|1234567890|٣٤|½|\u200b|//!|<PAD|CODE_START>|<|>|Ġ|Ċ|::<'a>|\\\\n".split("|"),
];

test.each(PRE_TOKENIZERS)(
  "llama.cpp gives the ids of @huggingface/tokenizers for $name, on source code and random text",
  async (rule) => {
    const text = sources.join("\n");
    const path = tinyTokenizer({ text: text.slice(0, 30_000), merges: 600, rule });
    const model = await llamaVocabulary(path);
    const json = JSON.parse(readFileSync(path, "utf8"));
    const reference = new Tokenizer(json, {});
    const withoutSpecial = new Tokenizer({ ...json, added_tokens: [] }, {});
    const { below } = seededRandom(5);
    const special = json.added_tokens.map(({ content }: { content: string }) => content);
    const random = Array.from({ length: 2000 }, () =>
      Array.from({ length: 1 + below(12) }, () =>
        below(6) === 0
          ? special[below(special.length)]
          : below(3) === 0
            ? String.fromCodePoint(below(2) ? below(0x250) : 0x20 + below(0xd7e0))
            : PIECES[below(PIECES.length)],
      ).join(""),
    );
    for (const sample of [...sources, ...random]) {
      const parsed = reference.encode(sample, { add_special_tokens: false }).ids;
      expect(model.tokenize(sample, true), JSON.stringify(sample)).toEqual(parsed);
      const plain = withoutSpecial.encode(sample, { add_special_tokens: false }).ids;
      expect(model.tokenize(sample, false), JSON.stringify(sample)).toEqual(plain);
      // With other rules, llama.cpp leaves out the space before a punctuation mark.
      if (rule !== SCRATCH_PRE_TOKENIZER) continue;
      expect(model.detokenize(model.tokenize(sample, false), true)).toBe(sample);
    }
  },
);

test("the entries are those llama.cpp reads", async () => {
  const path = tinyTokenizer();
  const metadata = new Map(await readVocabularyMetadata(path));
  const value = (key: string) => metadata.get(`tokenizer.ggml.${key}`)?.value;
  expect(value("model")).toBe("gpt2");
  expect(value("pre")).toBe("qwen2");
  const tokens = value("tokens") as string[];
  expect(tokens.slice(0, 5)).toEqual([
    "<PAD>",
    "<UNK>",
    "<NEWLINE>",
    "<COMMIT_START>",
    "<COMMIT_END>",
  ]);
  expect(value("bos_token_id")).toBe(tokens.indexOf("<COMMIT_START>"));
  expect(value("eos_token_id")).toBe(tokens.indexOf("<COMMIT_END>"));
  expect(value("padding_token_id")).toBe(tokens.indexOf("<PAD>"));
  expect(value("token_type")).toEqual(
    Int32Array.from(tokens, (token) => (/^<.+>$/.test(token) ? 3 : 1)),
  );
  expect([value("add_bos_token"), value("add_eos_token"), value("add_space_prefix")]).toEqual([
    false,
    false,
    false,
  ]);
  expect((value("merges") as string[]).every((merge) => /^[^ ]+ [^ ]+$/.test(merge))).toBe(true);
});

test("added tokens that are not special are read from every text", async () => {
  const path = tokenizerWith(({ added_tokens }) => ({
    added_tokens: (added_tokens as Json[]).map((token) =>
      token.content === "<NEWLINE>" ? { ...token, special: false } : token,
    ),
  }));
  const model = await llamaVocabulary(path);
  expect(model.tokenize("<NEWLINE>", false)).toEqual([2]);
  expect(model.tokenize("<PAD>", false)).not.toEqual([0]);
  expect(model.tokenize("<PAD>", true)).toEqual([0]);
});

test("the token that ends a document may be given", async () => {
  const metadata = new Map(await readVocabularyMetadata(tinyTokenizer(), { documentEndId: 6 }));
  expect(metadata.get("tokenizer.ggml.eos_token_id")).toEqual({ type: "u32", value: 6 });
});

const model = (json: Json) => json.model as Json;

test.each<[string, string, string, (json: Json) => Json]>([
  [
    "another kind of model",
    "E_UNSUPPORTED",
    '"Unigram", not "BPE"',
    () => ({ model: { type: "Unigram", vocab: [] } }),
  ],
  [
    "an unknown rule",
    "E_UNSUPPORTED",
    "pre_tokenizer",
    () => ({ pre_tokenizer: { type: "Whitespace" } }),
  ],
  ["no rule", "E_UNSUPPORTED", "pre_tokenizer", () => ({ pre_tokenizer: null })],
  ["a normalizer", "E_UNSUPPORTED", '"Lowercase"', () => ({ normalizer: { type: "Lowercase" } })],
  [
    "merges ignored",
    "E_UNSUPPORTED",
    "ignore_merges is true",
    (json) => ({ model: { ...model(json), ignore_merges: true } }),
  ],
  [
    "no end of a document",
    "E_UNSUPPORTED",
    "<COMMIT_END>",
    ({ added_tokens }) => ({
      added_tokens: (added_tokens as Json[]).map((token) =>
        token.id === 4 ? { ...token, content: "<END>" } : token,
      ),
    }),
  ],
  [
    "a gap",
    "E_INPUT",
    "no token with the id 7",
    (json) => {
      const vocab = { ...(model(json).vocab as Record<string, number>) };
      delete vocab["<CODE_START>"];
      return {
        added_tokens: (json.added_tokens as Json[]).filter(({ id }) => id !== 7),
        model: { ...model(json), vocab },
      };
    },
  ],
  [
    "an id far off",
    "E_INPUT",
    'impossible id 4000000000 for "x"',
    (json) => ({
      model: { ...model(json), vocab: { ...(model(json).vocab as object), x: 4e9 } },
    }),
  ],
  [
    "no tokens",
    "E_INPUT",
    "no token with the id 0",
    (json) => ({ added_tokens: [], model: { ...model(json), vocab: {} } }),
  ],
  [
    "a merge of three",
    "E_INPUT",
    '"a b c"',
    (json) => ({ model: { ...model(json), merges: ["a b c"] } }),
  ],
])("refuses %s: %s", async (_name, code, message, parts) => {
  const path = tokenizerWith(parts);
  await expect(readVocabularyMetadata(path)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
  await expect(readVocabularyMetadata(path)).rejects.toThrow(path);
});

test("refuses what is no tokenizer.json", async () => {
  const path = join(temporaryFolder(), "tokenizer.json");
  await expect(readVocabularyMetadata(path)).rejects.toMatchObject({ code: "E_NOT_FOUND" });
  for (const text of ["{", "null", "[1"]) {
    writeFileSync(path, text);
    await expect(readVocabularyMetadata(path)).rejects.toMatchObject({ code: "E_INPUT" });
  }
});
