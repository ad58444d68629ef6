import { describe, expect, test } from "vitest";
import { layOut } from "../src/data/micro-batch.ts";
import { Engine } from "../src/engine/engine.ts";
import { BaseModelFile } from "../src/model/base.ts";
import type { Model } from "../src/model/model.ts";
import { Random } from "../src/random.ts";
import { loraInput } from "./support/lora.ts";
import { adamw, cpu, lossOf, prepare } from "./support/tiny.ts";

/** A base with corrections that matter. */
async function corrected(dropout: number): Promise<Model> {
  const { base } = await loraInput({ gain: 1 });
  const file = await BaseModelFile.open(base);
  const model = await file.load(cpu, { rank: 4, alpha: 8, targets: undefined, seed: 3, dropout });
  await file.close();
  const random = new Random(4);
  for (const { name, value } of model.parameters.all) {
    if (!name.endsWith("lora_b")) continue;
    value.write(new Float32Array(value.elements).map(() => 0.3 * random.normal()));
  }
  return model;
}

const SEEDS = [7, 1];

/** Gradients of all parameters, one after another. */
function takeGradients(model: Model): number[] {
  const gradients = model.parameters.all.flatMap(({ gradient }) => [...gradient.read()]);
  model.parameters.clearGradients();
  return gradients;
}

describe.each([
  { kept: "results", how: "kept" },
  { kept: "inputs", how: "computed anew" },
] as const)("dropout of the corrections' inputs, results $how", ({ kept }) => {
  test("has the gradients of finite differences, the mask being the same", async () => {
    const model = await corrected(0.3);
    const { engine, batch, normaliser } = prepare(model, kept);
    /** The loss with the mask of these seeds. */
    const loss = async () => {
      const result = await engine.addGradients(batch, normaliser, SEEDS);
      return { result, gradients: takeGradients(model) };
    };
    const { gradients } = await loss();
    let at = 0;
    const worst = { a: 0, b: 0 };
    for (const { name, value } of model.parameters.all) {
      const values = value.read();
      const own = gradients.slice(at, at + values.length);
      at += values.length;
      const entry = own.reduce(
        (best, x, i) => (Math.abs(x) > Math.abs(own[best] ?? 0) ? i : best),
        0,
      );
      const lossAt = async (delta: number) => {
        const moved = values.slice();
        moved[entry] = (values[entry] as number) + delta;
        value.write(moved);
        return { loss: (await loss()).result, x: moved[entry] as number };
      };
      const [up, down] = [await lossAt(1e-2), await lossAt(-1e-2)];
      value.write(values);
      const numeric = (up.loss - down.loss) / (up.x - down.x);
      const analytic = own[entry] as number;
      const difference = Math.abs(numeric - analytic) / (Math.abs(numeric) + Math.abs(analytic));
      const factor = name.endsWith("lora_a") ? "a" : "b";
      worst[factor] = Math.max(worst[factor], difference);
    }
    expect(worst.a).toBeLessThan(2e-3);
    expect(worst.b).toBeLessThan(2e-3);
    engine.dispose();
    model.dispose();
  });

  test("follows from the seeds, and leaves evaluations alone", async () => {
    const [model, plain] = [await corrected(0.5), await corrected(0)];
    const { engine, batch, normaliser } = prepare(model, kept);
    const other = prepare(plain, kept);
    const losses: number[] = [];
    for (const seeds of [SEEDS, [7, 2], SEEDS]) {
      losses.push(await engine.addGradients(batch, normaliser, seeds));
      expect(await lossOf(engine, batch, normaliser)).toBe(
        await lossOf(other.engine, batch, normaliser),
      );
    }
    expect(losses[0]).toBe(losses[2]);
    expect(losses[0]).not.toBe(losses[1]);
    expect(losses[0]).not.toBe(await lossOf(engine, batch, normaliser));
    for (const thing of [engine, other.engine, model, plain]) thing.dispose();
  });
});

test("what is left out differs between layers and groups of matrices, and not within a group", async () => {
  const model = await corrected(0.5);
  const engine = new Engine(model, { sequences: 1, sequenceLength: 32 }, adamw);
  const piece = { tokens: [5, 6], lossWeights: [0, 100], predictFrom: 1 };
  await engine.addGradients(layOut([[piece]], engine.shape), 1, SEEDS);
  /** Which inputs the gradient of A knows of, in the last layer, where only one token matters. */
  const known = (name: string) => {
    const { gradient, shape } = model.parameters.get(`blk.1.${name}.weight.lora_a`) ?? {};
    const columns = shape?.[0] ?? 0;
    return [...(gradient?.read().slice(0, columns) ?? [])].map((x) => (x === 0 ? 0 : 1));
  };
  const [q, output, gate, up] = ["attn_q", "attn_output", "ffn_gate", "ffn_up"].map(known);
  expect(gate).toEqual(up);
  expect(q).not.toEqual(gate);
  expect(output).not.toEqual(gate);
  const share = gate?.reduce<number>((sum, x) => sum + x, 0);
  expect(share).toBeGreaterThan(64 * 0.25);
  expect(share).toBeLessThan(64 * 0.75);
  engine.dispose();
  model.dispose();
});
