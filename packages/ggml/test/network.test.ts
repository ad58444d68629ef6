import { afterAll, expect, test } from "vitest";
import {
  Allocation,
  Device,
  Graph,
  type GraphBuilder,
  GraphMemory,
  type RopeSettings,
  type Tensor,
} from "../src/index.ts";

const device = Device.open("cpu", 1);
afterAll(() => device.dispose());

/** What an operator makes of rows of `width` numbers. */
async function apply(
  values: readonly number[],
  width: number,
  operator: (g: GraphBuilder, x: Tensor, positions: Tensor) => Tensor,
): Promise<number[]> {
  const rows = values.length / width;
  const stored = new Allocation(device, {
    x: ["F32", [width, rows]],
    y: ["F32", [width, rows]],
    positions: ["I32", [rows]],
  });
  const { x, y, positions } = stored.tensors;
  x.write(Float32Array.from(values));
  positions.write(Int32Array.from({ length: rows }, (_, i) => i));
  const graph = new Graph(device, (g) => [g.copy(operator(g, x, positions), y)]);
  const memory = new GraphMemory(device, [graph]);
  await memory.run(graph);
  const result = [...y.read()];
  memory.dispose();
  graph.dispose();
  stored.dispose();
  return result;
}

/** Numbers from -4 to 4. */
const line = Array.from({ length: 33 }, (_, i) => (i - 16) / 4);

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) {
    expect(Math.abs(value - (expected[i] as number)), `element ${i}`).toBeLessThan(tolerance);
  }
}

test("sigmoid", async () => {
  const expected = line.map((x) => 1 / (1 + Math.exp(-x)));
  expectClose(await apply(line, 33, (g, x) => g.sigmoid(x)), expected, 1e-6);
});

test("gelu and geglu are the tanh approximation, as exact as F16", async () => {
  const gelu = (x: number) =>
    0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
  expectClose(await apply(line, 33, (g, x) => g.gelu(x)), line.map(gelu), 2e-3);
  const expected = line.map((x) => gelu(x) * x);
  expectClose(await apply(line, 33, (g, x) => g.geglu(x, x)), expected, 8e-3);
});

test("layerNorm gives each row a mean of 0 and a variance of 1", async () => {
  const epsilon = 0.5;
  const values = [1, 2, 3, 6, -4, 0, 4, 8];
  const expected = [values.slice(0, 4), values.slice(4)].flatMap((row) => {
    const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
    const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
    return row.map((x) => (x - mean) / Math.sqrt(variance + epsilon));
  });
  expectClose(await apply(values, 4, (g, x) => g.layerNorm(x, epsilon)), expected, 1e-5);
});

/** Rotates heads of 8 elements, one a position, by the angles that `angle` gives for pair i. */
function rotated(values: readonly number[], angle: (i: number) => number, factor: number) {
  const result = [...values];
  for (let position = 0; position < values.length / 8; position++) {
    for (let i = 0; i < 4; i++) {
      const [a, b] = [8 * position + i, 8 * position + i + 4];
      const [x, y] = [values[a] as number, values[b] as number];
      const [cos, sin] = [Math.cos(position * angle(i)), Math.sin(position * angle(i))];
      result[a] = factor * (x * cos - y * sin);
      result[b] = factor * (x * sin + y * cos);
    }
  }
  return result;
}

const heads = Array.from({ length: 8 * 5 }, (_, i) => Math.sin(7 * i));
const plain: RopeSettings = {
  dimensions: 8,
  mode: "neox",
  frequencyBase: 100,
  frequencyScale: 0.25,
};
const frequency = (i: number) => 100 ** (-i / 4);
const rope = (settings: RopeSettings) =>
  apply(heads, 8, (g, x, positions) =>
    g.reshape(g.rope(g.reshape(x, 8, 1, 5), positions, settings), 8, 5),
  );

test("rope scales all frequencies", async () => {
  const expected = rotated(heads, (i) => 0.25 * frequency(i), 1);
  expectClose(await rope(plain), expected, 1e-5);
});

test("rope with YaRN scales the low frequencies alone, and the result", async () => {
  const settings = { originalContext: 64, betaFast: 4, betaSlow: 1 };
  // Pairs that rotate `rotations` times in the original context.
  const pair = (rotations: number) =>
    (8 * Math.log(64 / (rotations * 2 * Math.PI))) / (2 * Math.log(100));
  const [low, high] = [Math.floor(pair(4)), Math.ceil(pair(1))];
  const angle = (i: number) => {
    const kept = 1 - Math.min(1, Math.max(0, (i - low) / Math.max(0.001, high - low)));
    return frequency(i) * (kept + (1 - kept) * 0.25);
  };
  const angles = [0, 1, 2, 3].map((i) => angle(i) / frequency(i));
  expect(angles).toContain(1);
  expect(angles).toContain(0.25);
  const factor = 1.5 * (1 + 0.1 * Math.log(4));
  expectClose(
    await rope({ ...plain, yarn: settings, resultFactor: 1.5 }),
    rotated(heads, angle, factor),
    1e-5,
  );
});
