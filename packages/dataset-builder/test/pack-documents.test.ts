import { seededRandom } from "@repotune/test-kit/random";
import { expect, test } from "vitest";
import { packDocuments } from "../src/index.ts";

const offsetsOf = (lengths: readonly number[]) => {
  let end = 0;
  return [0, ...lengths.map((length) => (end += length))];
};

test("whole documents go where they leave the least room", () => {
  const pieces = [...packDocuments(offsetsOf([60, 50, 30, 40]), 100)];
  expect(pieces).toEqual([
    { sequence: 0, start: 0, length: 60 },
    { sequence: 0, start: 110, length: 30 },
    { sequence: 1, start: 60, length: 50 },
    { sequence: 1, start: 140, length: 40 },
  ]);
});

test("a long document is cut into pieces that share one token", () => {
  expect([...packDocuments([0, 25], 10)]).toEqual([
    { sequence: 0, start: 0, length: 10 },
    { sequence: 1, start: 9, length: 10 },
    { sequence: 2, start: 18, length: 7 },
  ]);
  expect([...packDocuments([0, 19], 10)].map(({ length }) => length)).toEqual([10, 10]);
});

test("what predicts nothing is left out", () => {
  expect([...packDocuments([0], 10)]).toEqual([]);
  expect([...packDocuments([0, 1, 2, 2, 4], 10)]).toEqual([{ sequence: 0, start: 2, length: 2 }]);
});

test.each([16, 64, 512])("any documents in sequences of %i", (sequenceLength) => {
  const random = seededRandom(sequenceLength);
  for (let round = 0; round < 20; round++) {
    const lengths = Array.from({ length: 300 }, () =>
      random.below(random.below(4) === 0 ? 1500 : 90),
    ); // prettier-ignore
    const offsets = offsetsOf(lengths);
    const pieces = [...packDocuments(offsets, sequenceLength)];

    const timesPredicted = new Uint8Array(offsets.at(-1) ?? 0);
    const used: number[] = [];
    for (const { sequence, start, length } of pieces) {
      used[sequence] = (used[sequence] ?? 0) + length;
      for (let at = start + 1; at < start + length; at++) {
        timesPredicted[at] = (timesPredicted[at] ?? 0) + 1;
      }
    }
    const expected = new Uint8Array(offsets.at(-1) ?? 0).fill(1);
    for (const [d, start] of offsets.entries()) if ((lengths[d] ?? 0) > 0) expected[start] = 0;
    expect(Buffer.compare(timesPredicted, expected)).toBe(0);
    expect(pieces.every(({ length }) => length >= 2)).toBe(true);
    expect(Object.keys(used)).toHaveLength(used.length);
    expect(Math.max(...used)).toBeLessThanOrEqual(sequenceLength);
    const isInOrder = ({ sequence }: { sequence: number }, row: number) =>
      sequence >= (pieces[row - 1]?.sequence ?? 0);
    expect(pieces.every(isInOrder)).toBe(true);
  }
});

test("little room is wasted, and the order is about that of the history", () => {
  const random = seededRandom(3);
  const lengths = Array.from({ length: 20_000 }, () => 20 + random.below(400));
  const pieces = [...packDocuments(offsetsOf(lengths), 512)];
  const sequences = (pieces.at(-1)?.sequence ?? 0) + 1;
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  expect(tokens / (sequences * 512)).toBeGreaterThan(0.97);
  for (const { sequence, start } of pieces) {
    expect(Math.abs(start / tokens - sequence / sequences)).toBeLessThan(0.03);
  }
});
