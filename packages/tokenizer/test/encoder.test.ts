import { Tokenizer } from "@huggingface/tokenizers";
import { PRE_TOKENIZERS, SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import { decodeBytes, encoderOf, STRUCTURE_TOKENS, wordSplitter } from "../src/index.ts";
import { randomText } from "./random.ts";
import { realTexts } from "./real-text.ts";
import { realVocabulary } from "./vocabulary.ts";

const json = realVocabulary();
const encoder = encoderOf(json, "trained");
const library = new Tokenizer(json, { clean_up_tokenization_spaces: false });
const libraryIds = (text: string) => library.encode(text, { add_special_tokens: false }).ids;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");

test("ids of real code are those of @huggingface/tokenizers", () => {
  for (const source of realTexts()) {
    // The structural tokens in the sources are structure to the library, and text here.
    const content = source.replaceAll(/<([A-Z_]+(?::\w+)?)>/g, "<$1 >");
    expect(encoder.encode(content)).toEqual(libraryIds(content));
  }
});

test("ids of random text are those of @huggingface/tokenizers, and spell the text", () => {
  const random = seededRandom(7).uniform;
  for (let round = 0; round < 300; round++) {
    const sample = randomText(random, Math.floor(random() * 120));
    const ids = encoder.encode(sample);
    expect(ids).toEqual(sample === "" ? [] : libraryIds(sample));
    expect(text(decodeBytes(encoder, ids))).toBe(sample);
  }
});

test("a text of random bytes survives", () => {
  const random = seededRandom(11).uniform;
  for (let round = 0; round < 100; round++) {
    const bytes = Buffer.from(Array.from({ length: 60 }, () => Math.floor(random() * 256)));
    const asLatin1 = bytes.toString("latin1");
    expect(text(decodeBytes(encoder, encoder.encode(asLatin1)))).toBe(asLatin1);
  }
});

test("long words are merged as short ones are", () => {
  const random = seededRandom(13).uniform;
  for (const length of [47, 48, 49, 50, 400]) {
    const letters = Array.from({ length }, () => "etaoinreturnconst"[Math.floor(random() * 17)]);
    const word = letters.join("");
    expect(encoder.encode(word)).toEqual(libraryIds(word));
  }
});

test("a word of a megabyte takes no time to speak of", () => {
  const word = "return".repeat(170_000);
  const start = performance.now();
  const ids = encoder.encode(word);
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(decodeBytes(encoder, ids).length).toBe(word.length);
});

test("structure in a text stays text", () => {
  for (const token of STRUCTURE_TOKENS) {
    const [id] = encoder.structure(token);
    const ids = encoder.encode(`a ${token} b${token}`);
    expect(ids).not.toContain(id);
    expect(text(decodeBytes(encoder, ids))).toBe(`a ${token} b${token}`);
    expect(libraryIds(token)).toEqual([id]);
  }
});

test("every token encodes to itself, so that a reader may skip the merges", () => {
  const special = new Set(json.added_tokens.map(({ id }) => id));
  for (const [id, bytes] of encoder.tokenBytes.entries()) {
    const word = text(bytes);
    if (special.has(id) || word.includes("\ufffd")) continue;
    expect(encoder.encode(word)).toEqual([id]);
  }
});

test("an id outside the vocabulary cannot be decoded", () => {
  for (const id of [encoder.tokenBytes.length, -1, 1.5, Number.NaN]) {
    expect(() => decodeBytes(encoder, [id])).toThrow(
      expect.objectContaining({
        code: "E_MISMATCH",
        message: `Id ${id} is not in the vocabulary of tokenizer.json, which has 1024 tokens.`,
        hint: expect.stringContaining("vocabulary"),
      }),
    );
  }
});

test("words joined are the text, whatever the rule leaves out", () => {
  const random = seededRandom(17).uniform;
  for (const { pattern } of [...PRE_TOKENIZERS, { pattern: "[a-z]+" }]) {
    const split = wordSplitter(pattern);
    for (let round = 0; round < 50; round++) {
      const sample = randomText(random, 80);
      expect(split(sample).join("")).toBe(sample);
    }
  }
  expect(wordSplitter("[a-z]+")("1ab22c  ")).toEqual(["1", "ab", "22", "c", "  "]);
});

test("a text of megabytes has the words that its expression finds in it", () => {
  const random = seededRandom(19).uniform;
  const text = randomText(random, 3000).repeat(400);
  expect(text.length).toBeGreaterThan(1 << 20);
  for (const { pattern } of PRE_TOKENIZERS) {
    // No character occurs that \s differs in; the last alternative takes what the others leave.
    const words = text.match(new RegExp(`${pattern}|\\s+`, "gu")) ?? [];
    const found = wordSplitter(pattern)(text);
    expect(found.length).toBe(words.length);
    expect(found.every((word, i) => word === words[i])).toBe(true);
  }
});

test("a byte order mark is no space, a next-line character is one", () => {
  const split = wordSplitter(SCRATCH_PRE_TOKENIZER.pattern);
  expect(split("\ufeffuse")).toEqual(["\ufeffuse"]);
  expect(split("\ufeff\ufeff;")).toEqual(["\ufeff\ufeff;"]);
  expect(split("a\u0085\u0085b")).toEqual(["a", "\u0085", "\u0085b"]);
});
