import { seededRandom } from "@repotune/test-kit/random";
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

test("any shape: windows are whole, stand every stride, and leave out no token in between", () => {
  const random = seededRandom(9);
  for (let round = 0; round < 500; round++) {
    const targetLength = 1 + random.below(40);
    const shape = {
      contextLength: 1 + random.below(100),
      targetLength,
      stride: 1 + random.below(targetLength),
    };
    const tokens = random.below(600);
    const windows = [...contextTargetWindows(tokens, shape)];
    const length = shape.contextLength + targetLength;
    if (tokens < length) {
      expect(windows).toHaveLength(tokens > targetLength ? 1 : 0);
      continue;
    }
    const isTarget = new Uint8Array(tokens);
    for (const [i, { start, targetStart, end }] of windows.entries()) {
      expect([start, targetStart, end]).toEqual([
        i * shape.stride,
        i * shape.stride + shape.contextLength,
        i * shape.stride + length,
      ]);
      isTarget.fill(1, targetStart, end);
    }
    const last = windows.at(-1)?.end ?? 0;
    expect(last + shape.stride).toBeGreaterThan(tokens);
    expect(last).toBeLessThanOrEqual(tokens);
    expect(
      [...isTarget].every((hit, at) => (hit === 1) === (at >= shape.contextLength && at < last)),
    ).toBe(true);
  }
});
