import { dequantizeRows, type GgmlType, GgufFile } from "@repotune/ggml";
import { type TinyModelOptions, tinyModel } from "@repotune/test-kit/models";
import { describe, expect, test } from "vitest";
import { type Activation, gelu } from "../src/layers/activation.ts";
import { BaseModelFile } from "../src/model/base.ts";
import { Model } from "../src/model/model.ts";
import { Random } from "../src/random.ts";
import { requantise } from "./support/requantise.ts";
import { cpu, lossOf, prepare } from "./support/tiny.ts";
import { families, narrow, variants } from "./support/variants.ts";

/** Largest relative difference to central finite differences that rounding in F32 explains. */
const TOLERANCE = 2e-3;

/**
 * Compares the gradients of a model's parameters with finite differences of its loss.
 *
 * @returns the worst relative difference of each parameter, in whichever way gradients are computed:
 *   layer by layer, or at once.
 */
async function checkGradients(model: Model): Promise<Map<string, number>> {
  const { engine, batch, normaliser } = prepare(model, "inputs");
  const { all } = model.parameters;
  const analytic: Float32Array[][] = [];
  for (const kept of ["inputs", "results"] as const) {
    const { engine } = prepare(model, kept);
    model.parameters.clearGradients();
    const loss = await engine.addGradients(batch, normaliser);
    expect(loss).toBeCloseTo(await lossOf(engine, batch, normaliser), 5);
    analytic.push(all.map(({ gradient }) => gradient.read()));
    engine.dispose();
  }
  const worst = new Map<string, number>();
  for (const [i, { name, value }] of all.entries()) {
    const values = value.read();
    const gradients = analytic.map((list) => list[i] as Float32Array);
    const [first = new Float32Array()] = gradients;
    // The entries with the largest gradients, where finite differences are exact enough to judge.
    const entries = [...first.keys()]
      .sort((a, b) => Math.abs(first[b] as number) - Math.abs(first[a] as number))
      .slice(0, 3);
    for (const entry of entries) {
      const lossAt = async (x: number) => {
        const moved = values.slice();
        moved[entry] = x;
        value.write(moved);
        return lossOf(engine, batch, normaliser);
      };
      const numeric = await derivative(lossAt, values[entry] as number);
      for (const gradient of gradients) {
        const value = gradient[entry] as number;
        const difference = Math.abs(numeric - value) / (Math.abs(numeric) + Math.abs(value));
        worst.set(name, Math.max(worst.get(name) ?? 0, difference));
      }
    }
    value.write(values);
  }
  engine.dispose();
  return worst;
}

/** Central differences of two widths, whose errors cancel to the fourth order. */
async function derivative(f: (x: number) => Promise<number>, x: number): Promise<number> {
  const slope = async (delta: number) => {
    const [up, down] = [Math.fround(x + delta), Math.fround(x - delta)];
    return ((await f(up)) - (await f(down))) / (up - down);
  };
  return (4 * (await slope(1e-2)) - (await slope(2e-2))) / 3;
}

/** Checks all gradients, and that `names` are the parameters. */
async function expectRightGradients(label: string, model: Model, names: readonly string[]) {
  const worst = await checkGradients(model);
  expect([...worst.keys()].sort()).toEqual([...names].sort());
  const [name, most] = [...worst].reduce((a, b) => (b[1] > a[1] ? b : a));
  console.info(`${label}: at most ${most.toExponential(1)}, for ${name}`);
  for (const [name, difference] of worst) expect(difference, name).toBeLessThan(TOLERANCE);
}

/** GELU without the table of F16 values that CPUs look it up in: finite differences see its steps. */
const smoothGelu: Activation = {
  ...gelu,
  apply: (g, x) => {
    const v = g.multiply(x, g.scale(g.square(x), 0.0713548162726, 1.59576912161));
    return g.multiply(x, g.sigmoid(v));
  },
  gated: (g, gate, up) => g.multiply(smoothGelu.apply(g, gate), up),
};

/** `model`, computed with {@link smoothGelu} if it has GELU; `model` still owns the memory. */
function smooth(model: Model): Model {
  const { device, config, parameters, architecture } = model;
  const activation = architecture.activation === gelu ? smoothGelu : architecture.activation;
  const weights = [...model.weights];
  return new Model({
    device,
    config,
    parameters,
    weights,
    architecture: { ...architecture, activation },
  });
}

describe.each(Object.entries(variants))("%s", (label, options) => {
  test("all weights have the gradients of finite differences", async () => {
    const path = await tinyModel({ ...options, ...narrow });
    const file = await BaseModelFile.open(path);
    const model = await file.loadTrained(cpu);
    await file.close();
    const gguf = await GgufFile.open(path);
    await gguf.close();
    const names = [...gguf.tensors.keys()].filter((name) => name !== "rope_freqs.weight");
    await expectRightGradients(label, smooth(model), names);
    model.dispose();
  });

  test("A and B of all corrections have the gradients of finite differences", async () => {
    const model = await openLora({ ...options, ...narrow });
    const matrices = [...model.weights].filter(({ name, tensor }) => {
      return name.startsWith("blk.") && tensor.shape[1] > 1;
    });
    const names = matrices.flatMap(({ name }) => [`${name}.lora_a`, `${name}.lora_b`]);
    await expectRightGradients(`${label}, LoRA`, smooth(model), names);
    model.dispose();
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
  model.parameters.clearGradients();
  const loss = await engine.addGradients(batch, normaliser);
  const gradients = model.parameters.all.flatMap(({ gradient }) => [...gradient.read()]);
  engine.dispose();
  return { loss, gradients };
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

test.each(["gemma", "gemma3", "starcoder2"] as const)(
  "%s: the table of GELU changes gradients by no more than its rounding",
  async (name) => {
    const model = await openLora({ ...families[name], ...narrow });
    const [table, exact] = [await allGradients(model), await allGradients(smooth(model))];
    model.dispose();
    expect(table.gradients).not.toEqual(exact.gradients);
    expect(table.loss).toBeCloseTo(exact.loss, 3);
    const similarity = cosine(table.gradients, exact.gradients);
    console.info(`${name}: 1 - cosine of all gradients ${(1 - similarity).toExponential(1)}`);
    expect(similarity).toBeGreaterThan(0.99999);
  },
);

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
  async (type, least) => {
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
    quantised.dispose();
    plain.dispose();
    expect(a.loss).toBeCloseTo(b.loss, 1);
    const similarity = cosine(a.gradients, b.gradients);
    console.info(`${type}: cosine of all gradients ${similarity.toFixed(5)}`);
    expect(similarity).toBeGreaterThan(least);
  },
);
