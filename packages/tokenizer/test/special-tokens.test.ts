import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, onTestFinished, test } from "vitest";
import { sentencePieceVocabulary } from "../check/sentencepiece-vocabulary.mjs";
import {
  decodeBytes,
  encoderOf,
  loadGgufVocabulary,
  loadTokenizerJson,
  type TokenEncoder,
} from "../src/index.ts";
import { type GgufEntries, ggufEntries } from "./gguf-entries.ts";
import { realVocabulary } from "./vocabulary.ts";

/** Names of structure, the first three as special tokens and the others as added or plain ones. */
const NAMES = ["</s>", "[INST]", "<|im_start|>", "<tool_call>", "<fim_prefix>"];

/** Tokens and merges by which text that spells a name would become it. */
function mergesTo(name: string): { tokens: string[]; merges: string[] } {
  const characters = [...name];
  const prefixes = characters.map((_, end) => characters.slice(0, end + 1).join(""));
  return {
    tokens: prefixes,
    merges: prefixes.slice(1).map((prefix) => `${prefix.slice(0, -1)} ${prefix.at(-1)}`),
  };
}

async function fromJson(json: unknown): Promise<TokenEncoder> {
  const path = join(temporaryFolder(), "tokenizer.json");
  await writeFile(path, JSON.stringify(json));
  return loadTokenizerJson(path);
}

async function fromGguf(vocabulary: GgufEntries, isByLlama: boolean): Promise<TokenEncoder> {
  const notices: string[] = [];
  const encoder = await loadGgufVocabulary(await tinyModel({ vocabulary, layers: 1 }), {
    onNotice: (notice) => notices.push(notice),
  });
  onTestFinished(async () => encoder.dispose?.());
  expect(notices).toEqual(isByLlama ? [expect.stringMatching(/encoded by llama\.cpp/)] : []);
  return encoder;
}

/** A byte-level vocabulary whose merges lead to the names. */
function forgingBpe() {
  const json = realVocabulary(512);
  const vocab = json.model.vocab as Record<string, number>;
  const merges = [...(json.model.merges ?? [])];
  for (const name of NAMES) {
    const way = mergesTo(name);
    for (const token of way.tokens) vocab[token] ??= Object.keys(vocab).length;
    merges.unshift(...way.merges);
  }
  const added = NAMES.map((content, i) => ({
    id: vocab[content] ?? -1,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: i < 3,
  }));
  return {
    ...json,
    added_tokens: [...json.added_tokens, ...added],
    model: { ...json.model, merges },
  };
}

function forgingGgufBpe(preTokenizer: string): GgufEntries {
  const json = forgingBpe();
  const ids = NAMES.map((name) => (json.model.vocab as Record<string, number>)[name] ?? -1);
  return ggufEntries(json, ids.slice(0, 3), { added: ids.slice(3), preTokenizer });
}

/** A SentencePiece vocabulary whose pieces lead to the names. */
function forgingPieces(names: readonly string[]): GgufEntries {
  const learned = encoderOf(realVocabulary(512), "trained").tokenBytes;
  const pieces = names.flatMap((name) => mergesTo(name).tokens.slice(1, -1));
  return sentencePieceVocabulary([...pieces.map((piece) => Buffer.from(piece)), ...learned], {
    control: names.slice(0, 3),
    literals: names.slice(3),
  });
}

const model = (type: string, more: object) => ({
  version: "1.0",
  normalizer: null,
  decoder: null,
  added_tokens: [
    { id: 0, content: "<unk>", special: true },
    ...NAMES.map((content, i) => ({ id: i + 1, content, special: i < 3 })),
  ],
  model: { type, ...more },
});
const bytes = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
); // prettier-ignore

const kinds: Record<string, () => Promise<TokenEncoder>> = {
  trained: async () => encoderOf(realVocabulary(512), "trained"),
  "tokenizer.json, byte-level BPE": () => fromJson(forgingBpe()),
  "tokenizer.json, byte-level BPE by the library": () => {
    const json = forgingBpe();
    return fromJson({
      ...json,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [{ type: "Punctuation" }, { type: "ByteLevel", add_prefix_space: false }],
      },
    });
  },
  "tokenizer.json, BPE with bytes": () => {
    const ways = NAMES.map(mergesTo);
    const tokens = new Set(["<unk>", ...NAMES, ...bytes, ...ways.flatMap((way) => way.tokens)]);
    return fromJson(
      model("BPE", {
        unk_token: "<unk>",
        byte_fallback: true,
        vocab: Object.fromEntries([...tokens].map((token, id) => [token, id])),
        merges: ways.flatMap((way) => way.merges),
      }),
    );
  },
  "tokenizer.json, Unigram": () => {
    const tokens = new Set(["<unk>", ...NAMES, ..." ab<>/[]|_", ..."stINolcfimprex"]);
    return fromJson(
      model("Unigram", { unk_id: 0, vocab: [...tokens].map((token) => [token, -1]) }),
    );
  },
  "tokenizer.json, WordPiece": () =>
    fromJson({
      ...model("WordPiece", {
        unk_token: "<unk>",
        continuing_subword_prefix: "##",
        vocab: Object.fromEntries(
          ["<unk>", ...NAMES, ...NAMES.map((name) => `##${name}`), "a", "b"].map((t, id) => [
            t,
            id,
          ]),
        ),
      }),
      pre_tokenizer: { type: "WhitespaceSplit" },
    }),
  "GGUF, BPE": () => fromGguf(forgingGgufBpe("qwen2"), false),
  "GGUF, BPE by llama.cpp": () => fromGguf(forgingGgufBpe("default"), true),
  "GGUF, SentencePiece": () =>
    fromGguf(forgingPieces(["[MASK]", "<a>", "<b>", ...NAMES.slice(3)]), false),
  "GGUF, SentencePiece by llama.cpp": () => fromGguf(forgingPieces(NAMES), true),
};

test("a token that a GGUF names as its end is none of text, though its type says so", async () => {
  const entries = [...forgingPieces(["</s>"])].map(([key, value]) => {
    if (key !== "tokenizer.ggml.token_type" || value.type !== "array") return [key, value] as const;
    const types = Int32Array.from(value.value as Int32Array);
    types[2] = 1;
    return [key, { ...value, value: types } as typeof value] as const;
  });
  const encoder = await fromGguf(entries, true);
  expect(encoder.tokens[2]).toBe("</s>");
  const ids = encoder.encode("a</s>");
  expect(ids).not.toContain(2);
  expect(Buffer.from(decodeBytes(encoder, ids)).toString()).toBe("a</s>");
});

test.each(Object.entries(kinds))(
  "text that spells a special token is text: %s",
  async (kind, load) => {
    const encoder = await load();
    const { tokens, tokenBytes, encode } = encoder;
    const special = [...tokens.keys()].filter((id) => tokenBytes[id]?.length === 0);
    expect(special.length).toBeGreaterThanOrEqual(4);
    const unknown = tokens.indexOf("<unk>");
    for (const id of special) {
      const name = tokens[id]?.replaceAll("\u2581", " ") ?? "";
      const text = `a ${name} b${name}${name}\n${name.slice(0, -1)}${name}`;
      const ids = encode(text);
      expect(ids.filter((found) => special.includes(found) && found !== unknown)).toEqual([]);
      if (/Unigram|WordPiece/.test(kind)) continue; // They do not have all characters.
      expect(Buffer.from(decodeBytes(encoder, ids)).toString()).toBe(text);
    }
  },
);
