import { dequantizeRows, type GgmlType, GgufFile, GgufWriter } from "@repotune/ggml";
import { tinyModel } from "@repotune/test-kit/models";
import { expect, test } from "vitest";
import type { Kept } from "../src/engine/layer-states.ts";
import { BaseModelFile } from "../src/model/base.ts";
import type { WeightLayout } from "../src/model/frozen-weights.ts";
import type { Model } from "../src/model/model.ts";
import { Random } from "../src/random.ts";
import { requantise } from "./support/requantise.ts";
import { cpu, prepare } from "./support/tiny.ts";

const sizes = { width: 256, feedForward: 256, heads: 4, keyValueHeads: 2 };

/** A base with corrections that are not zero. */
async function openLora(path: string, layout?: WeightLayout): Promise<Model> {
  const file = await BaseModelFile.open(path);
  const lora = { rank: 4, alpha: 8, targets: undefined, seed: 3 };
  const model = await file.load(cpu, lora, layout);
  await file.close();
  const random = new Random(4);
  for (const { name, value } of model.parameters.all) {
    if (!name.endsWith("lora_b")) continue;
    value.write(new Float32Array(value.elements).map(() => 0.3 * random.normal()));
  }
  return model;
}

/** Losses of all tokens, and all gradients in one row. */
async function compute(model: Model, kept: Kept) {
  const { engine, batch, normaliser } = prepare(model, kept);
  const { losses } = await engine.evaluate(batch);
  await engine.addGradients(batch, normaliser);
  const gradients = model.parameters.all.flatMap(({ gradient }) => [...gradient.read()]);
  engine.dispose();
  return { losses: [...losses], gradients };
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const relativeError = (a: number[], b: number[]) => {
  const difference = a.map((x, i) => x - (b[i] as number));
  return Math.sqrt(dot(difference, difference) / dot(a, a));
};

/** Writes a copy of a model whose matrices have the same values in F32. */
async function dequantised(path: string): Promise<string> {
  const copy = path.replace(/\.gguf$/, "-dequantised.gguf");
  const file = await GgufFile.open(path);
  const tensors = [...file.tensors.values()];
  const specs = tensors.map(({ name, shape }) => ({ name, shape, type: "F32" as const }));
  const writer = await GgufWriter.create(copy, file.metadata, specs);
  for (const { name, shape, type } of tensors) {
    const [columns = 1, rows = 1] = shape;
    const values = dequantizeRows(type, await file.read(name), rows, columns);
    await writer.write(name, new Uint8Array(values.buffer));
  }
  await writer.commit();
  await file.close();
  return copy;
}

// Six and five bits held in eight are no further from what the file says than four bits packed.
test.each(["Q8_0", "Q6_K", "Q5_K", "Q4_K"] as const)(
  "a %s base laid out to be fast is close to the same weights in F32",
  async (type) => {
    const path = await requantise(await tinyModel({ ...sizes, tied: false }), type);
    const exact = await openLora(await dequantised(path), "compact");
    const fast = await openLora(path, "fast");
    const a = await compute(exact, "results");
    const b = await compute(fast, "results");
    expect(relativeError(a.losses, b.losses)).toBeLessThan(4e-3);
    expect(cosine(a.gradients, b.gradients)).toBeGreaterThan(0.9994);
    exact.dispose();
    fast.dispose();
  },
);

// Packed kernels add up in another order, and round activations in other blocks; what has no packed
// kernel is held in eight bits.
test.each([
  ["F32", true, 1e-6, 0.9999999],
  ["F32", false, 1e-6, 0.9999999],
  ["F16", false, 1e-6, 0.9999999],
  ["BF16", false, 1e-6, 0.9999999],
  ["Q8_0", true, 1e-6, 0.9998],
  ["Q6_K", false, 5e-3, 0.999],
  ["Q5_K", false, 5e-3, 0.999],
  ["Q4_K", true, 5e-3, 0.9998],
  ["Q4_K", false, 5e-3, 0.9998],
] as const)(
  "a %s base (tied: %s) laid out to be fast computes what it does compactly",
  async (type, tied, tolerance, similarity) => {
    const plain = await tinyModel({ ...sizes, tied });
    const path = type === "F32" ? plain : await requantise(plain, type as GgmlType);
    const [compact, fast] = [await openLora(path, "compact"), await openLora(path, "fast")];
    for (const kept of ["results", "inputs"] as const) {
      const a = await compute(compact, kept);
      const b = await compute(fast, kept);
      expect(relativeError(a.losses, b.losses)).toBeLessThan(tolerance);
      const similar = cosine(a.gradients, b.gradients);
      if (kept === "results") console.info(`${type}: cosine of gradients ${similar.toFixed(7)}`);
      expect(similar).toBeGreaterThan(similarity);
    }
    for (const model of [compact, fast]) {
      for (const { gradient } of model.parameters.all) gradient.clear();
      model.dispose();
    }
  },
);

test("a transposed copy holds the matrix, transposed", async () => {
  const path = await requantise(await tinyModel(sizes), "Q8_0");
  const [compact, fast] = [await openLora(path, "compact"), await openLora(path, "fast")];
  const name = "blk.0.ffn_up.weight";
  const read = (tensor: Model["output"]["tensor"]) =>
    dequantizeRows(
      tensor.type,
      tensor.readInto(new Uint8Array(tensor.bytes)),
      tensor.shape[1],
      tensor.shape[0],
    );
  const matrix = read(compact.weight(name).tensor); // [256, 256]
  const transposed = read(fast.weight(name).transposed as Model["output"]["tensor"]);
  const largest = Math.max(...matrix.map(Math.abs));
  for (let i = 0; i < 256; i += 17) {
    for (let j = 0; j < 256; j += 13) {
      const difference = (matrix[i * 256 + j] as number) - (transposed[j * 256 + i] as number);
      expect(Math.abs(difference)).toBeLessThan(largest / 100);
    }
  }
  compact.dispose();
  fast.dispose();
});
