import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { Allocation, Device, Graph, GraphMemory } from "../src/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const device = Device.open("cpu", 1);
afterAll(() => device.dispose());

/** Memory of the process that is really in use, in MiB. */
function resident(): number {
  for (let i = 0; i < 3; i++) collectGarbage();
  return process.memoryUsage().rss / 2 ** 20;
}

const SIZE = 64;

/** Tensors, and a graph that multiplies them. */
function build() {
  const stored = new Allocation(device, {
    a: ["F32", [SIZE, SIZE]],
    b: ["F32", [SIZE, SIZE]],
    y: ["F32", [SIZE, SIZE]],
  });
  const { a, b, y } = stored.tensors;
  const graph = new Graph(device, (g) => [g.copy(g.softMax(g.mulMat(a, b)), y)]);
  const memory = new GraphMemory(device, [graph]);
  const dispose = () => {
    memory.dispose();
    graph.dispose();
    stored.dispose();
  };
  return { a, b, y, graph, memory, dispose };
}

/**
 * How much the process grows from one eight rounds of `work` to the next, in MiB, once it is warm: the
 * first eight do not count. Of the others the least counts: now and then the process holds some MiB
 * that it gives back later.
 */
async function growth(work: () => Promise<void>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 24; round++) {
    await work();
    rounds.push(resident());
  }
  return Math.min(...rounds.slice(16)) - Math.min(...rounds.slice(8, 16));
}

test("30,000 steps of writing, computing and reading leave no memory behind", async () => {
  const { a, b, y, graph, memory, dispose } = build();
  const values = new Float32Array(SIZE * SIZE).fill(0.5);
  const grown = await growth(async () => {
    for (let i = 0; i < 1250; i++) {
      a.write(values);
      b.write(values);
      await memory.run(graph);
      y.read();
    }
  });
  dispose();
  console.info(`The last 10,000 of 30,000 steps: ${grown.toFixed(2)} MiB`);
  expect(grown).toBeLessThan(2);
});

test("12,000 graphs and allocations that were disposed of leave no memory behind", async () => {
  const grown = await growth(async () => {
    for (let i = 0; i < 500; i++) {
      const { a, b, graph, memory, dispose } = build();
      a.clear();
      b.clear();
      await memory.run(graph);
      dispose();
    }
  });
  console.info(`The last 4,000 of 12,000 graphs: ${grown.toFixed(2)} MiB`);
  // Each takes 64 KiB and more, and its description alone 20 KiB.
  expect(grown).toBeLessThan(8);
});
