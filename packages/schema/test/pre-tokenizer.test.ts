import { expect, test } from "vitest";
import { PRE_TOKENIZERS, preTokenizerOf, SCRATCH_PRE_TOKENIZER } from "../src/index.ts";

const split = (Regex: string) => ({
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false },
    { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
  ],
});

test("every known rule is found by each of its spellings", () => {
  for (const rule of PRE_TOKENIZERS) {
    for (const spelling of [rule.pattern, ...rule.spellings]) {
      expect(preTokenizerOf(split(spelling))).toBe(rule);
      expect(() => new RegExp(rule.pattern, "gu")).not.toThrow();
    }
  }
  expect(PRE_TOKENIZERS).toContain(SCRATCH_PRE_TOKENIZER);
});

test("plain ByteLevel is GPT-2's rule", () => {
  const json = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  expect(preTokenizerOf(json)?.name).toBe("gpt-2");
});

test("any other rule has no name", () => {
  expect(preTokenizerOf(split("\\p{L}+"))).toBeUndefined();
  expect(preTokenizerOf(null)).toBeUndefined();
  expect(preTokenizerOf({ type: "Metaspace" })).toBeUndefined();
  expect(preTokenizerOf({ type: "ByteLevel", add_prefix_space: true })).toBeUndefined();
  const inverted = split(SCRATCH_PRE_TOKENIZER.pattern);
  Object.assign(inverted.pretokenizers[0] ?? {}, { invert: true });
  expect(preTokenizerOf(inverted)).toBeUndefined();
});
