import { afterAll, expect, test } from "vitest";
import {
  Allocation,
  Device,
  Graph,
  type GraphBuilder,
  GraphMemory,
  listDevices,
  type Tensor,
} from "../src/index.ts";

const device = Device.open("cpu", 1);
afterAll(() => device.dispose());

/** Computes one result from matrices of F32. */
async function compute(
  inputs: Record<string, { shape: number[]; data: number[] }>,
  define: (g: GraphBuilder, t: Record<string, Tensor>) => Tensor,
): Promise<number[]> {
  const stored = new Allocation(
    device,
    Object.fromEntries(
      Object.entries(inputs).map(([k, { shape }]) => [k, ["F32", shape]] as const),
    ),
  );
  for (const [name, { data }] of Object.entries(inputs)) {
    stored.tensors[name]?.write(Float32Array.from(data));
  }
  let shape: readonly number[] = [];
  const probe = new Graph(device, (g) => {
    const y = define(g, stored.tensors);
    shape = y.shape;
    return [y];
  });
  probe.dispose();
  const result = new Allocation(device, { y: ["F32", shape] });
  const graph = new Graph(device, (g) => [g.copy(define(g, stored.tensors), result.tensors.y)]);
  const memory = new GraphMemory(device, [graph]);
  await memory.run(graph);
  const numbers = [...result.tensors.y.read()];
  memory.dispose();
  graph.dispose();
  result.dispose();
  stored.dispose();
  return numbers;
}

test("the processor is always there", () => {
  const cpu = listDevices().find(({ kind }) => kind === "cpu");
  expect(cpu?.name).toBe("CPU");
  expect(cpu?.totalMemory).toBeGreaterThan(2 ** 28);
  expect(() => Device.open("warp-drive", 1)).toThrow('no device "warp-drive"');
});

test("mulMat multiplies rows by rows", async () => {
  const a = { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] };
  const b = { shape: [3, 1], data: [1, 0, -1] };
  expect(await compute({ a, b }, (g, t) => g.mulMat(t.a as Tensor, t.b as Tensor))).toEqual([
    -2, -2,
  ]);
});

test("transposed and columns rearrange", async () => {
  const a = { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] };
  expect(await compute({ a }, (g, t) => g.transposed(t.a as Tensor))).toEqual([1, 4, 2, 5, 3, 6]);
  const right = await compute({ a }, (g, t) => g.contiguous(g.slice(t.a as Tensor, 0, 1, 2)));
  expect(right).toEqual([2, 3, 5, 6]);
});

test("softMax obeys its mask, and its rows sum to one", async () => {
  const x = { shape: [3, 1], data: [1, 2, 3] };
  const mask = { shape: [3, 1], data: [0, 0, Number.NEGATIVE_INFINITY] };
  const [p = 0, q = 0, r] = await compute({ x, mask }, (g, t) =>
    g.softMax(t.x as Tensor, 1, t.mask as Tensor),
  );
  expect(p + q).toBeCloseTo(1, 6);
  expect(q / p).toBeCloseTo(Math.E, 5);
  expect(r).toBe(0);
});

test("shapes that do not fit are an error here, where the library would end the process", () => {
  const { tensors } = new Allocation(device, { a: ["F32", [3, 2]], b: ["F32", [4, 2]] });
  const build = (define: (g: GraphBuilder) => Tensor) => () =>
    new Graph(device, (g) => [define(g)]);
  expect(build((g) => g.mulMat(tensors.a, tensors.b))).toThrow(
    "mulMat of F32 [3, 2] and F32 [4, 2]",
  );
  expect(build((g) => g.add(tensors.a, tensors.b))).toThrow("add of");
  expect(build((g) => g.cast(tensors.a, "Q8_0"))).toThrow("whole blocks of Q8_0");
  expect(build((g) => g.reshape(tensors.a, 5))).toThrow("have 5 elements");
  expect(build((g) => g.slice(tensors.a, 1, 1, 2))).toThrow("from 1 to 3");
});

test("memory is checked: bounds, results in a graph, disposed tensors", () => {
  const stored = new Allocation(device, { a: ["F32", [4]] });
  const { a } = stored.tensors;
  expect(() => a.write(new Float32Array(5))).toThrow("do not fit");
  new Graph(device, (g) => {
    const y = g.square(a);
    expect(() => y.read()).toThrow("no memory of its own");
    return [y];
  }).dispose();
  stored.dispose();
  expect(() => a.read()).toThrow("given back");
});

test("the event loop lives while a graph is computed", async () => {
  const stored = new Allocation(device, { a: ["F32", [1024, 1024]], y: ["F32", [1024, 1024]] });
  const { a, y } = stored.tensors;
  a.clear();
  const graph = new Graph(device, (g) => {
    let x = g.mulMat(a, a);
    for (let i = 0; i < 8; i++) x = g.mulMat(a, x);
    return [g.copy(x, y)];
  });
  const memory = new GraphMemory(device, [graph]);
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 1);
  await memory.run(graph);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(3);
});
