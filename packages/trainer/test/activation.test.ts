import { Allocation, Graph, GraphMemory } from "@repotune/ggml";
import { expect, test } from "vitest";
import { gelu, silu } from "../src/layers/activation.ts";
import { cpu } from "./support/tiny.ts";

/** Numbers from -12 to 12; the tails of the functions included. */
const line = Array.from({ length: 97 }, (_, i) => (i - 48) / 4);

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Derivatives in double precision, worked out by hand. */
const derivatives = {
  silu: (x: number) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  gelu: (x: number) => {
    const c = Math.sqrt(2 / Math.PI);
    const t = Math.tanh(c * (x + 0.044715 * x ** 3));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t ** 2) * c * (1 + 3 * 0.044715 * x ** 2);
  },
};

test.each([
  ["silu", silu],
  ["gelu", gelu],
] as const)(
  "%s: the backward pass multiplies by the exact derivative",
  async (name, activation) => {
    const shape = [line.length];
    const stored = new Allocation(cpu, {
      x: ["F32", shape],
      dy: ["F32", shape],
      dx: ["F32", shape],
    });
    const { x, dy, dx } = stored.tensors;
    x.write(Float32Array.from(line));
    dy.write(new Float32Array(line.length).fill(-3));
    const graph = new Graph(cpu, (g) => [g.copy(activation.backward(g, dy, x), dx)]);
    const memory = new GraphMemory(cpu, [graph]);
    await memory.run(graph);
    const results = dx.read();
    memory.dispose();
    graph.dispose();
    stored.dispose();
    for (const [i, at] of line.entries()) {
      const expected = -3 * derivatives[name](at);
      expect(Math.abs((results[i] as number) - expected), `at ${at}`).toBeLessThan(1e-5);
    }
  },
);
