import { expect, test } from "vitest";
import { encoderOf } from "../src/index.ts";
import { IdentifierCounter, outlinesOf } from "../src/statistics/identifier-counter.ts";
import { VocabularyStatistics } from "../src/statistics/vocabulary-statistics.ts";
import { realTexts } from "./real-text.ts";
import { realVocabulary } from "./vocabulary.ts";

const { encode, tokenBytes } = encoderOf(realVocabulary(), "trained");

/** Identifiers of a text and the tokens that hold a part of each, counted from their positions. */
function identifiersIn(text: string) {
  const bytes = Buffer.from(text).toString("latin1");
  const ends: number[] = [];
  let end = 0;
  for (const id of encode(text)) {
    end += tokenBytes[id]?.length ?? 0;
    ends.push(end);
  }
  let tokens = 0;
  const words = [...bytes.matchAll(/[A-Za-z0-9_\x80-\xff]+/g)];
  const identifiers = words.filter(([word]) => !/^[0-9]/.test(word));
  for (const { index, 0: word } of identifiers) {
    const starts = [0, ...ends];
    tokens += ends.filter((e, i) => e > index && (starts[i] ?? 0) < index + word.length).length;
  }
  return { count: identifiers.length, tokens };
}

test.each([
  "",
  "x",
  "a1 1a _b 0x1F 12_3 fn(value_of_it, größe) -> u64",
  "é1e5..9z\n\t__init__(self)",
])("identifiers of %j are counted from tokens as from the text", (text) => {
  const counter = new IdentifierCounter(outlinesOf(tokenBytes));
  for (const id of encode(text)) counter.add(id);
  expect({ count: counter.count, tokens: counter.tokens }).toEqual(identifiersIn(text));
});

test("identifiers of real code are counted from tokens as from the text", () => {
  const outlines = outlinesOf(tokenBytes);
  for (const text of realTexts().slice(0, 12)) {
    const counter = new IdentifierCounter(outlines);
    for (const id of encode(text)) counter.add(id);
    expect({ count: counter.count, tokens: counter.tokens }).toEqual(identifiersIn(text));
    expect(counter.tokens).toBeGreaterThan(counter.count);
  }
});

test("a text ends a word: what follows is another", () => {
  const counter = new IdentifierCounter(outlinesOf(tokenBytes));
  for (const text of ["ab", "cd"]) {
    for (const id of encode(text)) counter.add(id);
    counter.end();
  }
  expect(counter.count).toBe(2);
});

test("uses are told by language and side, with the tokens most and least used", () => {
  const statistics = new VocabularyStatistics(tokenBytes);
  const add = (isTrain: boolean, language: string | undefined, code: string) => {
    const codeIds = language === undefined ? [] : encode(code);
    statistics.add({ isTrain, language, ids: [3, ...encode("return"), ...codeIds], codeIds });
  };
  add(true, "rust", "fn a() {}\n");
  add(true, "rust", "fn b() {}\n");
  add(false, "c", "@@@@@@@@@@");
  add(false, undefined, "");
  const { by_language, identifiers, most_used, least_used, unused_tokens } = statistics.result;
  const ofNames = 2 * encode("fn").length + encode(" a").length + encode(" b").length;
  const tokens = encode("fn a() {}\n").length + encode("fn b() {}\n").length;
  expect(by_language).toEqual({
    c: {
      train: { tokens: 0, bytes: 0, bytes_per_token: 0 },
      held_out: { tokens: 10, bytes: 10, bytes_per_token: 1 },
    },
    rust: {
      train: { tokens, bytes: 20, bytes_per_token: Math.round((20 / tokens) * 10_000) / 10_000 },
      held_out: { tokens: 0, bytes: 0, bytes_per_token: 0 },
    },
  });
  expect(identifiers).toEqual({
    train: { count: 4, tokens: ofNames, tokens_per_identifier: ofNames / 4 },
    held_out: { count: 0, tokens: 0, tokens_per_identifier: 0 },
  });
  expect(most_used[0]).toEqual({ id: encode("@")[0], text: "@", count: 10 });
  const [id = 0] = encode("return"); // In each of the four documents.
  const text = Buffer.from(tokenBytes[id] ?? []).toString();
  expect(most_used[1]).toEqual({ id, text, count: 4 });
  expect(least_used[0]?.count).toBe(1);
  const ofText = tokenBytes.filter(({ length }) => length > 0).length;
  expect(unused_tokens).toBe(ofText - most_used.length);
});
