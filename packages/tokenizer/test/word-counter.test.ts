import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { WordCounter, wordSplitter } from "../src/index.ts";

test("words are counted as often as they occur, long ones apart", () => {
  const counter = new WordCounter({ maxLength: 5 });
  for (const word of ["fn", " main", "fn", "x".repeat(6)]) counter.add(word);
  expect(Object.fromEntries(counter.counts)).toEqual({ fn: 2, " main": 1 });
  expect(counter.statistics).toEqual({
    words: 3,
    distinct_words: 2,
    forgotten_words: 0,
    long_words: 1,
  });
});

test("too many words: the rarest are forgotten, the same ones every time", () => {
  const count = () => {
    const counter = new WordCounter({ maxWords: 100 });
    for (let i = 0; i < 1000; i++) {
      counter.add("often");
      counter.add(`w${i}`);
      if (i % 7 === 0) counter.add(`w${i}`);
    }
    return counter;
  };
  const { counts, statistics } = count();
  expect(statistics.distinct_words).toBeLessThanOrEqual(100);
  expect(counts.get("often")).toBe(1000);
  const kept = [...counts.values()].reduce((sum, n) => sum + n, 0);
  expect(kept + statistics.forgotten_words).toBe(statistics.words);
  expect(statistics.forgotten_words).toBeGreaterThan(500);
  expect([...count().counts]).toEqual([...counts]);
});

test("a word keeps nothing of the text it was found in", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const counter = new WordCounter();
  const split = wordSplitter(" ?[a-z_0-9]+");
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 200; i++) {
    const text = Buffer.alloc(500_000, `identifier_number_${i} `).toString("latin1");
    counter.add(split(text)[1] ?? "");
  }
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10e6);
});
