import { afterAll, describe, expect, test } from "vitest";
import { Allocation, Device, Graph, type GraphBuilder, GraphMemory } from "../src/index.ts";

const cpu = Device.open("cpu", 1);
const dry = Device.openDry("cpu", 1);
afterAll(() => {
  cpu.dispose();
  dry.dispose();
});

/** What a computation reserves: stored tensors, packed ones, the results of two graphs. */
function reserve(device: Device, size: number) {
  const stored = new Allocation(device, {
    x: ["F32", [size, 48]],
    ids: ["I32", [7]],
    table: ["Q4_0", [size, 100]],
    y: ["F32", [64, 48]],
  });
  const packed = new Allocation(device, { w: ["Q4_0", [size, 64]] }, "packed");
  const { x, ids, table, y } = stored.tensors;
  const { w } = packed.tensors;
  const graphs = [
    (g: GraphBuilder) => [g.copy(g.mulMat(w, g.square(x)), y)], // [64, 48]
    (g: GraphBuilder) => {
      const rows = g.getRows(table, ids); // [size, 7]
      const some = g.contiguous(g.slice(g.permute(x, 1, 0, 2, 3), 0, 3, 7)); // [7, size]
      const product = g.mulMat(g.transposed(rows), some); // [size, size]
      return [g.accumulate(g.slice(y, 0, 0, 1), g.reshape(g.sum(product), 1, 1))];
    },
  ].map((define) => new Graph(device, define));
  const memory = new GraphMemory(device, graphs);
  const dispose = () => {
    for (const part of [memory, ...graphs, packed, stored]) part.dispose();
  };
  const bytes = [stored.bytes, packed.bytes, memory.bytes];
  return { bytes, workBytes: memory.workBytes, stored, memory, graphs, dispose };
}

describe("a dry device", () => {
  test.each([32, 256, 4096])("measures what a real one reserves, at size %i", (size) => {
    const real = reserve(cpu, size);
    const measured = reserve(dry, size);
    expect(measured.bytes).toEqual(real.bytes);
    expect(measured.workBytes).toBe(real.workBytes);
    expect(dry.memory.reserved).toBe(cpu.memory.reserved);
    expect(dry.memory.reserved).toBe(real.bytes.reduce((a, b) => a + b));
    real.dispose();
    measured.dispose();
    expect(cpu.memory.reserved).toBe(0);
    expect(dry.memory.reserved).toBe(0);
    expect(dry.memory.peak).toBe(cpu.memory.peak);
    expect(dry.memory.peak).toBeGreaterThan(0);
    for (const { memory } of [dry, cpu]) memory.forgetPeak();
    expect(dry.memory.peak).toBe(0);
  });

  test("takes no memory for tensors that no machine could hold", () => {
    const before = process.memoryUsage.rss();
    const stored = new Allocation(dry, { x: ["F32", [2 ** 20, 2 ** 20]] });
    expect(stored.bytes).toBe(2 ** 42);
    stored.tensors.x.clear();
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 24);
    stored.dispose();
  });

  test("checks as a real one does, moves nothing, and computes nothing", async () => {
    const { stored, memory, graphs, dispose } = reserve(dry, 32);
    const { x } = stored.tensors;
    expect(() => x.write(new Float32Array(33 * 48))).toThrow("do not fit");
    x.write(new Float32Array(32 * 48).fill(1));
    expect(x.readInto(Float32Array.of(3))).toEqual(Float32Array.of(3));
    await Promise.all(graphs.map((graph) => memory.run(graph)));
    expect(() => new Graph(dry, (g) => [g.mulMat(x, stored.tensors.table)])).toThrow("mulMat of");
    dispose();
    expect(() => x.clear()).toThrow("given back");
  });

  test("can stand in for a device that is not there", () => {
    const gpu = Device.openDry("cpu", 1, { name: "GPU", kind: "gpu", freeMemory: 8e9 });
    expect(gpu.info).toMatchObject({ name: "GPU", kind: "gpu", freeMemory: 8e9 });
    expect(() => new Allocation(gpu, { w: ["Q4_0", [256, 64]] }, "packed")).toThrow("packed");
    gpu.dispose();
  });
});
