import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GgufFile } from "@repotune/ggml";
import { type TrainingReport, TrainingReportSchema } from "@repotune/schema";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { Check } from "typebox/value";
import { describe, expect, test } from "vitest";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { trainOptions } from "./support/options.ts";

const losses = (report: TrainingReport) => report.loss_history.map(({ loss }) => loss);

/** A tiny base and a dataset in its vocabulary. */
async function lora() {
  const base = await tinyModel({
    width: 64,
    feedForward: 128,
    heads: 4,
    keyValueHeads: 2,
    gain: 2,
  });
  const file = await GgufFile.open(base);
  const tokens = file.metadata.strings("tokenizer.ggml.tokens");
  await file.close();
  return { base, dataset: (await writeDataset({ tokens, documents: 4 })).folder };
}

describe("memorising a few documents", () => {
  test("takes the loss of a scratch model to near zero", async () => {
    const { folder: dataset } = await writeDataset();
    const outputDir = temporaryFolder();
    const report = await train(
      trainOptions({
        dataset,
        outputDir,
        steps: 200,
        batchSize: 4,
        learningRate: 0.01,
        evaluateEvery: 100,
        patience: 0,
      }),
    );
    expect(losses(report)[0]).toBeGreaterThan(5);
    expect(losses(report).at(-1)).toBeLessThan(0.05);
  });

  test("takes the loss of an adapter to near zero", async () => {
    const options = { ...(await lora()), outputDir: temporaryFolder(), rank: 32 };
    const report = await train(
      trainOptions({
        ...options,
        steps: 150,
        learningRate: 0.02,
        evaluateEvery: 75,
        patience: 0,
      }),
    );
    expect(losses(report)[0]).toBeGreaterThan(5);
    expect(losses(report).at(-1)).toBeLessThan(0.05);
  });
});

test("the report says what was done, and the model holds the best weights", async () => {
  const { folder: dataset, vocabularySize } = await writeDataset();
  const outputDir = temporaryFolder();
  const options = { dataset, outputDir, steps: 8, evaluations: 4, patience: 0 };
  const report = await train(trainOptions(options));
  expect(Check(TrainingReportSchema, report)).toBe(true);
  const written = JSON.parse(readFileSync(join(outputDir, "training_report.json"), "utf8"));
  expect(written).toEqual(report);
  expect(report).toMatchObject({
    steps: 8,
    planned_steps: 8,
    stop_reason: "completed",
    epochs: 4, // 8 steps of 2 sequences, of which there are 4
    tokens_seen: 8 * 2 * 32,
    parameters: { total: report.parameters.trained },
  });
  expect(report.validation.history.map(({ step }) => step)).toEqual([2, 4, 6, 8]);
  expect(report.validation.before.loss).toBeCloseTo(Math.log(vocabularySize), 1);
  // Nothing that is random can be predicted: the lowest validation loss is kept, not the last.
  const all = [report.validation.before, ...report.validation.history];
  expect(report.validation.best.loss).toBe(Math.min(...all.map(({ loss }) => loss)));
  expect(existsSync(join(outputDir, "checkpoints"))).toBe(false);

  const model = await GgufFile.open(join(outputDir, "model.gguf"));
  expect(model.metadata.string("general.architecture")).toBe("llama");
  expect(model.metadata.strings("tokenizer.ggml.tokens")).toHaveLength(vocabularySize);
  expect(model.tensor("blk.1.ffn_down.weight").shape).toEqual([96, 32]);
  await model.close();
});

test("one seed gives one curve and one file, another seed others", async () => {
  const { folder: dataset } = await writeDataset();
  const run = async (seed: number, threads = 1) => {
    const outputDir = temporaryFolder();
    const report = await train(trainOptions({ dataset, outputDir, steps: 5, seed, threads }));
    return { losses: losses(report), model: readFileSync(join(outputDir, "model.gguf")) };
  };
  const [first, second, other] = [await run(1), await run(1), await run(2)];
  expect(second).toEqual(first);
  expect(await run(1, 2)).toEqual(first); // whatever the number of threads
  expect(other.losses).not.toEqual(first.losses);
});

describe("an interrupted training", () => {
  /** Trains, and stops once `step` steps are done. */
  async function interruptAt(step: number, options: Parameters<typeof train>[0]) {
    const stop = new AbortController();
    return train(options, {
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === step) stop.abort();
      },
    });
  }

  test.each(["scratch", "lora"])("goes on as if it had never stopped (%s)", async (kind) => {
    const input = kind === "lora" ? await lora() : { dataset: (await writeDataset()).folder };
    const whole = trainOptions({
      ...input,
      outputDir: temporaryFolder(),
      steps: 12,
      patience: 0,
    });
    const parts = { ...whole, outputDir: temporaryFolder() };
    const uninterrupted = await train(whole);
    // In the middle, and where a measurement is due.
    await expect(interruptAt(5, parts)).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    await expect(interruptAt(10, parts)).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    const notices: string[] = [];
    const resumed = await train(parts, { onNotice: (notice) => notices.push(notice) });
    expect(notices[1]).toContain("after step 10 of 12");
    expect(resumed.loss_history).toEqual(uninterrupted.loss_history);
    expect(resumed.validation).toEqual(uninterrupted.validation);
    const file = (folder: string) => readFileSync(join(folder, resumed.output));
    expect(file(parts.outputDir)).toEqual(file(whole.outputDir));
  });

  test("starts anew when an option has changed", async () => {
    const { folder: dataset } = await writeDataset();
    const outputDir = temporaryFolder();
    const options = trainOptions({ dataset, outputDir, steps: 12, patience: 0 });
    await expect(interruptAt(5, options)).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    await train({ ...options, seed: 9 }, { onNotice });
    expect(notices[1]).toContain("another training: not the same options. It is kept");
    // What was begun is still there.
    await train(options, { onNotice });
    expect(notices.join()).toContain("Going on from the checkpoint after step 5 of 12");
    expect(existsSync(join(outputDir, "checkpoints"))).toBe(false);
  });
});

test("a time budget lays the schedule out for what fits", async () => {
  const { folder: dataset } = await writeDataset({ documents: 4000 });
  const notices: string[] = [];
  const report = await train(
    trainOptions({
      dataset,
      outputDir: temporaryFolder(),
      maxMinutes: 0.12,
      epochs: 1000,
      validationTokens: 200,
      patience: 0,
    }),
    { onNotice: (notice) => notices.push(notice) },
  );
  expect(notices[1]).toMatch(/^0\.12 minutes on CPU \(1 thread\): about [\d,]+ steps of 64 tokens/);
  expect(report.stop_reason).toBe("time_budget");
  expect(report.elapsed_seconds).toBeLessThan(14);
  expect(report.loss_history.at(-1)?.learning_rate).toBeLessThan(1e-4);
  expect(report.validation.history.length).toBeGreaterThanOrEqual(4);
});

test("a training that diverges ends with an error that says so", async () => {
  const { folder: dataset } = await writeDataset();
  const options = trainOptions({ dataset, outputDir: temporaryFolder(), steps: 200 });
  await expect(train({ ...options, learningRate: 1e20 })).rejects.toMatchObject({
    code: "E_DIVERGED",
    message: expect.stringContaining("after 3 returns to an earlier state"),
  });
});

test("training that only gets worse is stopped, and says that it was in vain", async () => {
  const { folder: dataset } = await writeDataset();
  const notices: string[] = [];
  const report = await train(
    trainOptions({
      dataset,
      outputDir: temporaryFolder(),
      steps: 100,
      learningRate: 1,
      evaluations: 20,
      patience: 2,
    }),
    { onNotice: (notice) => notices.push(notice) },
  );
  const { best, history } = report.validation;
  expect(report.stop_reason).toBe("early_stopping");
  expect(history.filter(({ step }) => step > best.step)).toHaveLength(2);
  expect(report.steps).toBeLessThan(100);
  expect(best.step).toBe(0);
  expect(notices.at(-1)).toContain("did not lower the validation loss");
});

test("memory does not grow from step to step", async () => {
  const { folder: dataset } = await writeDataset({ documentLength: 64, perSequence: 4 });
  const resident: number[] = [];
  const options = {
    dataset,
    outputDir: temporaryFolder(),
    steps: 200,
    evaluateEvery: 100,
    patience: 0,
    layers: 1,
  };
  await train(trainOptions(options), {
    onProgress: ({ done }) => {
      if (done % 10 === 0) resident.push(process.memoryUsage.rss());
    },
  });
  // The first 60 steps fill caches. Of the others the least counts, for garbage comes and goes. A leak
  // of one batch (512 kB of masks) a step would be 36 MB from the one half to the other.
  const [warm, last] = [resident.slice(6, 13), resident.slice(13, 20)];
  expect(Math.min(...last) - Math.min(...warm)).toBeLessThan(18e6);
});
