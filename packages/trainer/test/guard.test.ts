import { join } from "node:path";
import { GgufFile, GgufWriter } from "@repotune/ggml";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, test } from "vitest";
import { epochOrder } from "../src/data/order.ts";
import type { TrainOptions } from "../src/options.ts";
import { measurementsWithoutProgress } from "../src/plan/early-stopping.ts";
import { faultOf } from "../src/plan/guard.ts";
import { Random } from "../src/random.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { loraInput } from "./support/lora.ts";
import { trainOptions } from "./support/options.ts";

describe("a step does harm", () => {
  const random = new Random(1);
  const history = Array.from({ length: 100 }, (_, i) => ({
    loss: 4 - i / 100 + 0.2 * random.normal(),
    gradient_norm: Math.exp(0.3 * random.normal()),
  }));
  const fault = (loss: number, gradientNorm: number, isWarm = true, past = history) =>
    faultOf({ loss, gradientNorm }, past, 1, isWarm);

  test("if loss or gradient are not finite, at any time", () => {
    expect(fault(Number.NaN, 1, false, [])).toBe("not_finite");
    expect(fault(3, Number.POSITIVE_INFINITY, false, [])).toBe("not_finite");
    expect(fault(3, 1, false, [])).toBeUndefined();
  });

  test("if they are far from what is usual, once that is known", () => {
    expect(fault(9, 1)).toBe("loss_spike");
    expect(fault(3, 50)).toBe("gradient_spike");
    expect(fault(9, 50, false)).toBeUndefined(); // while it warms up
    expect(fault(9, 50, true, history.slice(0, 50))).toBeUndefined(); // too little to compare with
  });

  test("and else it does not", () => {
    expect(fault(4.4, 4)).toBeUndefined(); // strange text
    expect(fault(0.1, 0.001)).toBeUndefined();
    // Where all is learnt, everything is quiet; a loss of a tenth of a nat is none to worry about.
    const quiet = history.map(() => ({ loss: 0.001, gradient_norm: 0.001 }));
    expect(fault(0.1, 0.9, true, quiet)).toBeUndefined();
    // Steps of the past among each other.
    for (let i = 64; i < 100; i++) {
      const { loss, gradient_norm } = history[i] as (typeof history)[number];
      expect(fault(loss, gradient_norm, true, history.slice(0, i))).toBeUndefined();
    }
  });
});

test("progress is a loss that is lower by enough", () => {
  expect(measurementsWithoutProgress([5, 4, 3], 1e-4)).toBe(0);
  expect(measurementsWithoutProgress([5, 4, 4.1, 3.99995, 4], 1e-4)).toBe(3);
  // Many small gains are progress once they add up.
  expect(measurementsWithoutProgress([5, 4.9, 4.8], 0.15)).toBe(0);
  expect(measurementsWithoutProgress([5, 4.9], 0.15)).toBe(1);
  expect(measurementsWithoutProgress([5], 0)).toBe(0);
});

/** A copy of a model with one element of a weight changed. */
async function damaged(path: string, tensor: string, element: number, value: number) {
  const copy = join(temporaryFolder(), "damaged.gguf");
  const file = await GgufFile.open(path);
  const writer = await GgufWriter.create(copy, file.metadata, [...file.tensors.values()]);
  for (const { name } of file.tensors.values()) {
    const values = new Float32Array((await file.read(name)).buffer);
    if (name === tensor) values[element] = value;
    await writer.write(name, values);
  }
  await writer.commit();
  await file.close();
  return copy;
}

/** Trains, and gathers notices. */
async function run(options: Partial<TrainOptions>) {
  const notices: string[] = [];
  const report = await train(
    trainOptions({ outputDir: temporaryFolder(), patience: 0, samples: 0, ...options }),
    { onNotice: (notice) => notices.push(notice) },
  );
  return { report, notices };
}

describe("a base with a number that is none", () => {
  test("in a layer is refused before any training, by the weight's name", async () => {
    const { base, dataset } = await loraInput();
    const bad = await damaged(base, "blk.1.ffn_up.weight", 77, Number.NaN);
    const refusal = { code: "E_INPUT", message: expect.stringContaining('"blk.1.ffn_up.weight"') };
    await expect(run({ dataset, base: bad, steps: 4 })).rejects.toMatchObject(refusal);
    await expect(run({ dataset, base: bad, train: "all", steps: 4 })).rejects.toMatchObject(
      refusal,
    );
  });

  test("in a token that is seldom seen costs the steps that see it, which the report names", async () => {
    const { base, tokens } = await loraInput();
    const poisoned = 319;
    const clean = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 16 }, (_, j) => (i * 7 + j * 13) % 300),
    );
    (clean[10] as number[])[4] = poisoned;
    const { folder: dataset } = await writeDataset({
      tokens,
      train: clean,
      validation: clean.slice(0, 4),
    });
    const bad = await damaged(base, "token_embd.weight", poisoned * 64 + 3, Number.NaN);
    const { report, notices } = await run({ dataset, base: bad, steps: 20 });
    expect(report.steps).toBe(20);
    expect(report.skipped_steps.length).toBeGreaterThan(0);
    for (const skipped of report.skipped_steps) {
      expect(skipped.reason).toBe("not_finite");
      expect(skipped.sequences).toContain("train 5"); // documents 10 and 11
    }
    expect(report.loss_history).toHaveLength(20 - report.skipped_steps.length);
    expect(report.loss_history.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(notices.join()).toMatch(/Step \d+ is skipped: its loss is NaN, .*train 5/);
    expect(report.rollbacks).toEqual([]);
  });
});

test("after many bad steps in a row, training goes back, and on with other sequences and smaller steps", async () => {
  const { base, tokens } = await loraInput();
  const poisoned = 319;
  const documents = Array.from({ length: 24 }, (_, i) =>
    Array.from({ length: 16 }, (_, j) => (i * 7 + j * 13) % 300),
  );
  const order = [...epochOrder(24, 1, 0)];
  for (const sequence of order.slice(6, 11)) (documents[sequence] as number[])[4] = poisoned;
  const { folder: dataset } = await writeDataset({
    tokens,
    train: documents,
    validation: documents.slice(0, 4).map((document) => document.map((id) => id % 300)),
    perSequence: 1,
  });
  const options = {
    dataset,
    base: await damaged(base, "token_embd.weight", poisoned * 64 + 3, Number.NaN),
    steps: 16,
    batchSize: 1,
    evaluateEvery: 4,
    learningRate: 1e-3,
    schedule: "constant" as const,
  };
  const { report, notices } = await run(options);
  expect(report.rollbacks).toEqual([{ from_step: 11, to_step: 8, rate_factor: 0.5 }]);
  expect(notices.join("\n")).toContain("Going back from step 11 to step 8, and on with 0.5");
  expect(report.skipped_steps.map(({ sequences }) => sequences)).toEqual(
    order.slice(6, 11).map((sequence) => [`train ${sequence}`]),
  );
  expect(report.steps).toBe(16);
  expect(report.loss_history.map(({ step }) => step)).toEqual([
    ...[1, 2, 3, 4, 5, 6],
    ...[9, 10, 11, 12, 13, 14, 15, 16],
  ]);
  expect(report.loss_history.at(-1)?.learning_rate).toBe(5e-4);
  expect((await run(options)).report.loss_history).toEqual(report.loss_history);
});

test("training that diverges whatever is done ends with an error that names step and data", async () => {
  const { folder: dataset } = await writeDataset();
  await expect(
    run({ dataset, steps: 200, learningRate: 1e6, evaluateEvery: 50 }),
  ).rejects.toMatchObject({
    code: "E_DIVERGED",
    message: expect.stringMatching(
      /at step \d+: 5 steps in a row were skipped.*train \d.*after 3 returns/,
    ),
    hint: expect.stringContaining("--learning-rate"),
  });
});
