import { expect, test } from "vitest";
import { pipelineOptions } from "../src/run/wiring.ts";

const wiring = { repo: "repo", out: "out", base: "scratch" };
const vocabSize = (...args: Parameters<typeof pipelineOptions>) =>
  pipelineOptions(...args).options.tokenize?.vocabSize;

test("a model from scratch gets a small vocabulary, unless one is configured", () => {
  expect(vocabSize(wiring)).toBe(4096);
  expect(vocabSize(wiring, { tokenize: { maxDocumentTokens: 512 } })).toBe(4096);
  expect(vocabSize(wiring, { tokenize: { vocabSize: 8192 } })).toBe(8192);
});

test("a base brings its own vocabulary", () => {
  const { options } = pipelineOptions({ ...wiring, base: "model.gguf" });
  expect(options.tokenize).toMatchObject({ base: "model.gguf", vocabSize: 16_384 });
});
