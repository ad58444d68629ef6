import { expect, test } from "vitest";
import { encoderOf, MIN_VOCAB_SIZE, STRUCTURE_TOKENS, trainVocabulary } from "../src/index.ts";
import { realVocabulary } from "./vocabulary.ts";

test("structure has the first ids, the first merge has id 352", () => {
  const { model, added_tokens } = realVocabulary();
  const ids = model.vocab as Record<string, number>;
  expect(STRUCTURE_TOKENS.map((token) => ids[token])).toEqual(STRUCTURE_TOKENS.map((_, id) => id));
  expect(added_tokens).toHaveLength(96);
  const [merge] = model.merges ?? [];
  expect(ids[String(merge).replace(" ", "")]).toBe(MIN_VOCAB_SIZE);
});

test.each([352, 500, 1024, 100_000])("a vocabulary of at most %i is a multiple of 32", (size) => {
  const json = realVocabulary(size);
  const { vocab_size } = encoderOf(json, "trained").vocabulary;
  expect(vocab_size % 32).toBe(0);
  expect(vocab_size).toBeLessThanOrEqual(size);
  expect(vocab_size).toBeGreaterThan(Math.min(size, 1500) - 32);
  expect(json.model.merges).toHaveLength(vocab_size - MIN_VOCAB_SIZE);
});

test("the same words in another order give the same file", () => {
  const words: [string, number][] = [
    ["fn", 9],
    [" main", 9],
    ["();", 4],
    [" let", 4],
  ]; // prettier-ignore
  const make = (entries: [string, number][]) =>
    JSON.stringify(trainVocabulary(new Map(entries), { vocabSize: 384 }));
  expect(make(words)).toBe(make([...words].reverse()));
});

test("too small a vocabulary is refused", () => {
  expect(() => trainVocabulary(new Map(), { vocabSize: 351 })).toThrow(
    expect.objectContaining({ code: "E_USAGE" }),
  );
});

test("the vocabulary's identity depends on every token", () => {
  const json = realVocabulary(512);
  const hash = () => encoderOf(json, "trained").vocabulary.vocabulary_hash;
  const before = hash();
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  const [first] = json.added_tokens;
  if (first) first.content = "<pad>";
  json.model.vocab = Object.fromEntries(
    Object.entries(json.model.vocab).map(([token, id]) => [id === 0 ? "<pad>" : token, id]),
  );
  expect(hash()).not.toBe(before);
});
