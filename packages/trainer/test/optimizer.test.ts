import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, test } from "vitest";
import { llama } from "../src/architectures/llama.ts";
import { Engine } from "../src/engine/engine.ts";
import { BaseModelFile } from "../src/model/base.ts";
import type { Model } from "../src/model/model.ts";
import type { MomentType } from "../src/model/parameter.ts";
import { createModel } from "../src/model/scratch.ts";
import { Random } from "../src/random.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { loraInput } from "./support/lora.ts";
import { trainOptions } from "./support/options.ts";
import { cpu, tinyConfig } from "./support/tiny.ts";

const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, maxGradientNorm: 1 };
const shape = { sequences: 1, sequenceLength: 32 };

const modelWith = (moments: MomentType) =>
  createModel(cpu, llama, tinyConfig, { isTied: true, seed: 1, moments });

/** Sizes of gradients that differ by a factor of 10,000 from neighbour to neighbour. */
const uneven = (i: number) => 1e-5 * 10 ** (i % 5);
/** The same from block to block, and by a factor of 8 from neighbour to neighbour. */
const usual = (i: number) => (1 + (i % 8)) * uneven(Math.floor(i / 32));

/** Writes random gradients, and gives those of all parameters by name. */
function drawGradients(model: Model, random: Random, size: (i: number) => number) {
  return new Map(
    model.parameters.all.map(({ name, gradient }) => {
      const values = new Float32Array(gradient.elements).map((_, i) => size(i) * random.normal());
      gradient.write(values);
      return [name, values];
    }),
  );
}

const normOf = (gradients: Map<string, Float32Array>) => {
  let sum = 0;
  for (const values of gradients.values()) for (const value of values) sum += value * value;
  return Math.sqrt(sum);
};

test("steps are those of AdamW with clipping, computed in double precision", async () => {
  const model = modelWith("f32");
  const engine = new Engine(model, shape, settings);
  const random = new Random(3);
  const expected = new Map(
    model.parameters.all.map(({ name, value }) => {
      const values = Float64Array.from(value.read());
      return [name, { values, m: values.map(() => 0), v: values.map(() => 0) }];
    }),
  );
  const rate = 0.01;
  for (let step = 1; step <= 5; step++) {
    const gradients = drawGradients(model, random, uneven);
    const norm = normOf(gradients);
    expect(await engine.gradientNorm()).toBeCloseTo(norm, 4);
    const scale = Math.min(1, settings.maxGradientNorm / norm);
    for (const { name, isDecayed } of model.parameters.all) {
      const { values, m, v } = expected.get(name) as NonNullable<ReturnType<typeof expected.get>>;
      for (const [i, gradient] of (gradients.get(name) as Float32Array).entries()) {
        const g = gradient * scale;
        m[i] = 0.9 * (m[i] as number) + 0.1 * g;
        v[i] = 0.999 * (v[i] as number) + 0.001 * g * g;
        const mean = (m[i] as number) / (1 - 0.9 ** step);
        const root = Math.sqrt((v[i] as number) / (1 - 0.999 ** step));
        const decay = isDecayed ? 1 - rate * settings.weightDecay : 1;
        values[i] = (values[i] as number) * decay - (rate * mean) / (root + settings.epsilon);
      }
    }
    await engine.step(step, rate, norm);
  }
  for (const { name, value } of model.parameters.all) {
    const { values } = expected.get(name) as NonNullable<ReturnType<typeof expected.get>>;
    for (const [i, x] of value.read().entries()) expect(x).toBeCloseTo(values[i] as number, 4);
  }
  engine.dispose();
  model.dispose();
});

describe("moments of eight bits", () => {
  test("take little more than a quarter of the memory", () => {
    const [exact, small] = [modelWith("f32"), modelWith("8bit")];
    const bytes = (model: Model) => model.parameters.bytes / model.parameters.count;
    expect(bytes(exact)).toBeGreaterThan(15.9); // value, gradient and two moments of 4 bytes
    expect(bytes(exact)).toBeLessThan(16.5);
    expect(bytes(small)).toBeGreaterThan(10.1); // two moments of 34 bytes for each 32 instead
    expect(bytes(small)).toBeLessThan(10.6);
    exact.dispose();
    small.dispose();
  });

  /** What so many steps with the same gradients change in both kinds of model, as one long vector. */
  async function changes(steps: number, size: (i: number) => number) {
    const moved = { f32: [] as number[], "8bit": [] as number[] };
    let longest = 0;
    for (const moments of ["f32", "8bit"] as const) {
      const model = modelWith(moments);
      const engine = new Engine(model, shape, { ...settings, weightDecay: 0 });
      const values = () => model.parameters.all.flatMap(({ value }) => [...value.read()]);
      const first = values();
      let last = first;
      for (let step = 1; step <= steps; step++) {
        const norm = normOf(drawGradients(model, new Random(step), size));
        await engine.step(step, 1e-3, norm);
        const correction = Math.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step);
        const now = values();
        for (const [i, x] of now.entries()) {
          longest = Math.max(longest, Math.abs(x - (last[i] as number)) / 1e-3 / correction);
        }
        last = now;
      }
      moved[moments] = last.map((x, i) => x - (first[i] as number));
      engine.dispose();
      model.dispose();
    }
    const dot = (a: number[], b: number[]) =>
      a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
    const [exact, small] = [moved.f32, moved["8bit"]];
    const lengths = [Math.sqrt(dot(exact, exact)), Math.sqrt(dot(small, small))] as const;
    return {
      cosine: dot(exact, small) / lengths[0] / lengths[1],
      ratio: lengths[1] / lengths[0],
      longest,
    };
  }

  test("change weights nearly as exact ones do, over many steps", async () => {
    const { cosine, ratio } = await changes(300, usual);
    console.log(`8-bit moments: cosine ${cosine.toFixed(4)}, length ${ratio.toFixed(4)}`);
    expect(cosine).toBeGreaterThan(0.95);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
  });

  test("never take a longer step than exact ones could, whatever is rounded away", async () => {
    const bound = Math.sqrt((1 - 0.9) ** 2 / ((1 - 0.999) * (1 - 0.9 ** 2 / 0.999)));
    const { longest } = await changes(60, uneven);
    expect(longest).toBeGreaterThan(1);
    expect(longest).toBeLessThan(1.01 * bound);
  });

  test.each(["scratch", "lora"])("give nearly the same loss curve (%s)", async (kind) => {
    const input = kind === "lora" ? await loraInput() : { dataset: (await writeDataset()).folder };
    const curve = async (moments: MomentType) => {
      const report = await train(
        trainOptions({
          ...input,
          outputDir: temporaryFolder(),
          steps: 60,
          learningRate: 0.005,
          patience: 0,
          evaluations: 1,
          evaluateEvery: 1000,
          samples: 0,
          batchSize: 4,
          moments,
        }),
      );
      return report.loss_history.map(({ loss }) => loss);
    };
    const [exact, small] = [await curve("f32"), await curve("8bit")];
    const worst = Math.max(
      ...exact.map((loss, i) => Math.abs((small[i] as number) - loss) / (exact[0] as number)),
    );
    console.log(`${kind}: ${exact[0]} -> ${exact.at(-1)} and ${small.at(-1)}; worst ${worst}`);
    expect(exact.at(-1)).toBeLessThan(0.5 * (exact[0] as number));
    expect(worst).toBeLessThan(0.05);
  });
});

test("LoRA+ moves B so many times faster than A", async () => {
  const input = await loraInput();
  const file = await BaseModelFile.open(input.base);
  const options = { rank: 4, alpha: 8, targets: undefined, seed: 1, rateRatio: 16 };
  const model = await file.load(cpu, options);
  await file.close();
  const engine = new Engine(model, shape, { ...settings, weightDecay: 0 });
  const before = model.parameters.all.map(({ value }) => value.read());
  for (const { gradient } of model.parameters.all) {
    gradient.write(new Float32Array(gradient.elements).fill(1e-3));
  }
  await engine.step(1, 1e-3, 0.5);
  for (const [p, { name, value }] of model.parameters.all.entries()) {
    const moved = ((before[p] as Float32Array)[0] as number) - (value.read()[0] as number);
    expect(moved).toBeCloseTo(name.endsWith("lora_b") ? 0.016 : 0.001, 5);
  }
  engine.dispose();
  model.dispose();
});
