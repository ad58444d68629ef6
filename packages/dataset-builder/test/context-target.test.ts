import { expect, test } from "vitest";
import { contextTargetWindows } from "../src/index.ts";

const shape = { contextLength: 2048, targetLength: 256, stride: 128 };

test("windows stand every stride, target after context", () => {
  const windows = [...contextTargetWindows(2560, shape)];
  expect(windows).toEqual([
    { start: 0, targetStart: 2048, end: 2304 },
    { start: 128, targetStart: 2176, end: 2432 },
    { start: 256, targetStart: 2304, end: 2560 },
  ]);
});

test.each([
  [2303, 1],
  [2304, 1],
  [2431, 1],
  [2432, 2],
  [10_000, 61],
])("%i tokens give %i windows", (tokens, count) => {
  const windows = [...contextTargetWindows(tokens, shape)];
  expect(windows).toHaveLength(count);
  for (const { start, targetStart, end } of windows) {
    expect(start).toBeLessThan(targetStart);
    expect(end - targetStart).toBe(256);
    expect(end).toBeLessThanOrEqual(tokens);
  }
});

test("a short stream gives one window with what context there is", () => {
  expect([...contextTargetWindows(300, shape)]).toEqual([{ start: 0, targetStart: 44, end: 300 }]);
  expect([...contextTargetWindows(257, shape)]).toEqual([{ start: 0, targetStart: 1, end: 257 }]);
  expect([...contextTargetWindows(256, shape)]).toEqual([]);
  expect([...contextTargetWindows(0, shape)]).toEqual([]);
});
