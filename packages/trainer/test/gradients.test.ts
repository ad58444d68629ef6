import { dequantizeRows, type GgmlType } from "@repotune/ggml";
import { type TinyModelOptions, tinyModel } from "@repotune/test-kit/models";
import { describe, expect, test } from "vitest";
import { BaseModelFile } from "../src/model/base.ts";
import type { Model } from "../src/model/model.ts";
import { Random } from "../src/random.ts";
import { requantise } from "./support/requantise.ts";
import { cpu, lossOf, prepare, tinyScratchModel } from "./support/tiny.ts";

/** Largest relative difference to central finite differences that rounding in F32 explains. */
const TOLERANCE = 2e-3;

/** Compares the gradients of a model's parameters with finite differences of its loss. */
async function checkGradients(model: Model, keepsResults: boolean): Promise<Map<string, number>> {
  const { engine, batch, normaliser } = prepare(model, keepsResults);
  const worst = new Map<string, number>();
  const loss = await engine.addGradients(batch, normaliser);
  expect(loss).toBeCloseTo(await lossOf(engine, batch, normaliser), 5);
  for (const { name, value, gradient } of model.parameters.all) {
    const values = value.read();
    const gradients = gradient.read();
    // The entries with the largest gradients, where finite differences are exact enough to judge.
    const entries = [...gradients.keys()]
      .sort((a, b) => Math.abs(gradients[b] as number) - Math.abs(gradients[a] as number))
      .slice(0, 3);
    for (const entry of entries) {
      const at = async (delta: number) => {
        const moved = values.slice();
        moved[entry] = (values[entry] as number) + delta;
        value.write(moved);
        return { loss: await lossOf(engine, batch, normaliser), x: moved[entry] as number };
      };
      const [up, down] = [await at(5e-3), await at(-5e-3)];
      const numeric = (up.loss - down.loss) / (up.x - down.x);
      const analytic = gradients[entry] as number;
      const difference = Math.abs(numeric - analytic) / (Math.abs(numeric) + Math.abs(analytic));
      worst.set(name, Math.max(worst.get(name) ?? 0, difference));
    }
    value.write(values);
  }
  engine.dispose();
  return worst;
}

describe.each([
  ["tied", true],
  ["untied", false],
])("all weights of a model with %s embeddings", (_, isTied) => {
  test.each([
    ["layer by layer", false],
    ["at once", true],
  ])("have the gradients of finite differences, computed %s", async (_, keepsResults) => {
    const worst = await checkGradients(tinyScratchModel(isTied), keepsResults);
    expect(worst.size).toBe(isTied ? 20 : 21);
    for (const [name, difference] of worst) expect(difference, name).toBeLessThan(TOLERANCE);
  });
});

/** A base on disk, opened with corrections that are not zero. */
async function openLora(options: TinyModelOptions, type?: GgmlType): Promise<Model> {
  const path = await tinyModel(options);
  const file = await BaseModelFile.open(type ? await requantise(path, type) : path);
  const model = await file.load(cpu, { rank: 4, alpha: 8, targets: undefined, seed: 3 });
  await file.close();
  const random = new Random(4);
  for (const { name, value } of model.parameters.all) {
    if (!name.endsWith("lora_b")) continue;
    value.write(new Float32Array(value.elements).map(() => 0.3 * random.normal()));
  }
  return model;
}

const small = { width: 64, feedForward: 96, heads: 4, keyValueHeads: 2 };

test.each([
  ["layer by layer", false],
  ["at once", true],
])(
  "A and B of all seven corrections in each layer have the gradients of finite differences, computed %s",
  async (_, keepsResults) => {
    const model = await openLora(small);
    const worst = await checkGradients(model, keepsResults);
    expect(worst.size).toBe(2 * 7 * 2);
    for (const [name, difference] of worst) expect(difference, name).toBeLessThan(TOLERANCE);
    model.dispose();
  },
);

test("a target that is left out gets no correction", async () => {
  const file = await BaseModelFile.open(await tinyModel(small));
  const model = await file.load(cpu, { rank: 4, alpha: 8, targets: ["attn_q", "ffn_up"], seed: 3 });
  expect(model.parameters.all.map(({ name }) => name)).toEqual([
    "blk.0.attn_q.weight.lora_a",
    "blk.0.attn_q.weight.lora_b",
    "blk.0.ffn_up.weight.lora_a",
    "blk.0.ffn_up.weight.lora_b",
    "blk.1.attn_q.weight.lora_a",
    "blk.1.attn_q.weight.lora_b",
    "blk.1.ffn_up.weight.lora_a",
    "blk.1.ffn_up.weight.lora_b",
  ]);
  model.dispose();
  await expect(file.load(cpu, { rank: 4, alpha: 8, targets: ["attn_x"], seed: 3 })).rejects.toThrow(
    'no LoRA target "attn_x"',
  );
  await file.close();
});

/** All gradients in one row, and the loss. */
async function allGradients(model: Model) {
  const { engine, batch, normaliser } = prepare(model);
  const loss = await engine.addGradients(batch, normaliser);
  const gradients = model.parameters.all.flatMap(({ gradient }) => [...gradient.read()]);
  engine.dispose();
  model.dispose();
  return { loss, gradients };
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

// The kernels round activations to the type they multiply with: 8 or 16 bits.
test.each([
  ["F16", 0.9999],
  ["BF16", 0.999],
  ["Q8_0", 0.999],
  ["Q6_K", 0.999],
  ["Q5_K", 0.999],
  ["Q4_K", 0.999],
] as const)(
  "gradients through a %s base are those through the same weights in F32",
  async (type, cosine) => {
    const options = { width: 256, feedForward: 256, heads: 4, keyValueHeads: 2 };
    const quantised = await openLora(options, type);
    const plain = await openLora(options);
    for (const { name, tensor } of quantised.weights) {
      const [columns, rows] = tensor.shape;
      const bytes = tensor.readInto(new Uint8Array(tensor.bytes));
      plain.weight(name).tensor.write(dequantizeRows(tensor.type, bytes, rows, columns));
    }
    const a = await allGradients(quantised);
    const b = await allGradients(plain);
    expect(a.loss).toBeCloseTo(b.loss, 1);
    const similarity =
      dot(a.gradients, b.gradients) /
      Math.sqrt(dot(a.gradients, a.gradients) * dot(b.gradients, b.gradients));
    console.info(`${type}: cosine of all gradients ${similarity.toFixed(5)}`);
    expect(similarity).toBeGreaterThan(cosine);
  },
);
