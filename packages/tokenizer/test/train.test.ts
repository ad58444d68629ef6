import { SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import { trainBpe, wordSplitter } from "../src/index.ts";
import { randomText } from "./random.ts";
import { realTexts } from "./real-text.ts";

const splitWords = wordSplitter(SCRATCH_PRE_TOKENIZER.pattern);

function countWords(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of texts.flatMap(splitWords)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/**
 * Byte-pair encoding as it is defined: count every pair anew, merge the most frequent one (of
 * equals, that with the smallest ids), repeat.
 */
function slowMerges(counts: ReadonlyMap<string, number>, size: number, minFrequency: number) {
  const first = trainBpe(new Map(), { vocabSize: 256, specialTokens: [] }).tokens;
  const tokens = [...first];
  const idOfByte = new Map<number, number>();
  for (let byte = 0; byte < 256; byte++) {
    const [id] = encodeByte(byte, first);
    idOfByte.set(byte, id);
  }
  let words = [...counts].map(([word, count]) => ({
    ids: [...Buffer.from(word)].map((byte) => idOfByte.get(byte) ?? -1),
    count,
  }));
  const merges: string[] = [];
  while (tokens.length < size) {
    const pairs = new Map<string, { left: number; right: number; count: number }>();
    for (const { ids, count } of words) {
      for (let i = 0; i + 1 < ids.length; i++) {
        const [left, right] = [ids[i] ?? 0, ids[i + 1] ?? 0];
        const pair = pairs.get(`${left} ${right}`) ?? { left, right, count: 0 };
        pair.count += count;
        pairs.set(`${left} ${right}`, pair);
      }
    }
    const [best] = [...pairs.values()].sort(
      (a, b) => b.count - a.count || a.left - b.left || a.right - b.right,
    );
    if (!best || best.count < minFrequency) break;
    const joined = `${tokens[best.left]}${tokens[best.right]}`;
    const known = tokens.indexOf(joined);
    const id = known < 0 ? tokens.push(joined) - 1 : known;
    merges.push(`${tokens[best.left]} ${tokens[best.right]}`);
    words = words.map(({ ids, count }) => {
      const merged: number[] = [];
      for (let i = 0; i < ids.length; i++) {
        const isPair = ids[i] === best.left && i + 1 < ids.length && ids[i + 1] === best.right;
        merged.push(isPair ? id : (ids[i] ?? 0));
        if (isPair) i++;
      }
      return { ids: merged, count };
    });
  }
  return merges;
}

/** Id of a byte, by GPT-2's rule for spelling it, independent of the package's own table. */
function encodeByte(byte: number, tokens: readonly string[]): [number] {
  const isPrintable = (b: number) =>
    (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  let character = String.fromCharCode(byte);
  if (!isPrintable(byte)) {
    let others = 0;
    for (let b = 0; b < byte; b++) if (!isPrintable(b)) others++;
    character = String.fromCharCode(256 + others);
  }
  return [tokens.indexOf(character)];
}

test.each([
  ["real code", () => realTexts().slice(0, 12), 700],
  ["random text", () => [randomText(seededRandom(1).uniform, 3000)], 500],
  ["runs of one letter", () => ["aaaa aaa aaaaaaa aa b aaaaa aaaaaaaaaaaaa"], 300],
])("merges of %s are those of the definition", (_, texts, size) => {
  const counts = countWords(texts());
  const { merges, tokens } = trainBpe(counts, { vocabSize: size, specialTokens: [] });
  const expected = slowMerges(counts, size, 2);
  expect(merges.map((pair) => pair.join(" "))).toEqual(expected);
  expect(expected.length).toBeGreaterThan(3);
  expect(tokens.length).toBeLessThanOrEqual(size);
});

test("pairs rarer than the minimum are not merged", () => {
  const counts = new Map([
    ["abab", 2],
    ["cd", 1],
  ]); // prettier-ignore
  const all = trainBpe(counts, { vocabSize: 300, specialTokens: [], minFrequency: 1 });
  const two = trainBpe(counts, { vocabSize: 300, specialTokens: [], minFrequency: 2 });
  expect(all.merges).toEqual([
    ["a", "b"],
    ["ab", "ab"],
    ["c", "d"],
  ]); // prettier-ignore
  expect(two.merges).toEqual([
    ["a", "b"],
    ["ab", "ab"],
  ]); // prettier-ignore
});

test("special tokens come first and are never merged from text", () => {
  const counts = new Map([
    ["<A>", 100],
    ["<A>b", 3],
  ]); // prettier-ignore
  const { tokens } = trainBpe(counts, { vocabSize: 300, specialTokens: ["<A>"] });
  expect(tokens[0]).toBe("<A>");
  expect(tokens.slice(257)).toEqual(["<A", ">b", "<A>b"]);
});

test("an aborted training stops", () => {
  const counts = countWords(realTexts());
  expect(() =>
    trainBpe(counts, { vocabSize: 4096, specialTokens: [], signal: AbortSignal.abort() }),
  ).toThrow(expect.objectContaining({ code: "E_INTERRUPTED" }));
});
