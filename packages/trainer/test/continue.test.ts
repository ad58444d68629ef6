import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dequantizeRows, GgufFile } from "@repotune/ggml";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, test } from "vitest";
import { Batches } from "../src/data/batches.ts";
import { openDataset } from "../src/data/token-dataset.ts";
import type { TrainOptions } from "../src/options.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { loraInput } from "./support/lora.ts";
import { trainOptions } from "./support/options.ts";

/** Trains quietly; gives the report and the folder. */
async function run(options: Partial<TrainOptions>) {
  const outputDir = temporaryFolder();
  const report = await train(
    trainOptions({ outputDir, patience: 0, samples: 0, evaluateEvery: 1000, ...options }),
  );
  return { report, outputDir, file: join(outputDir, report.output) };
}

/** Data of all tensors of a file, and some of what it says of itself. */
async function contents(path: string) {
  const file = await GgufFile.open(path);
  const tensors = new Map<string, Float32Array>();
  for (const info of file.tensors.values()) {
    const [columns = 1, rows = 1] = info.shape;
    tensors.set(info.name, dequantizeRows(info.type, await file.read(info), rows, columns));
  }
  await file.close();
  return { tensors, metadata: file.metadata };
}

describe("an adapter is trained further", () => {
  test("from where it was, with its own rank and scale, as the report says", async () => {
    const { base, dataset } = await loraInput();
    const first = await run({
      dataset,
      base,
      steps: 40,
      rank: 8,
      alpha: 4,
      learningRate: 0.02,
      targets: "attn_q,ffn_up",
    });
    // Rank and alpha are those of the file, whatever the options say.
    const second = await run({ dataset, base, adapter: first.file, steps: 5, learningRate: 1e-9 });
    expect(second.report.validation.before.loss).toBeCloseTo(
      (first.report.validation.history.at(-1) ?? first.report.validation.best).loss,
      0,
    );
    const [before, after] = [await contents(first.file), await contents(second.file)];
    expect(after.metadata.number("adapter.lora.alpha")).toBe(4);
    expect([...after.tensors.keys()]).toEqual([...before.tensors.keys()]);
    for (const [name, values] of after.tensors) {
      const old = before.tensors.get(name) as Float32Array;
      const largest = Math.max(...values.map((x, i) => Math.abs(x - (old[i] as number))));
      expect(largest).toBeLessThan(1e-7);
    }
    expect(second.report.adapter_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(first.report.adapter_hash).toBeNull();
    expect(first.report.kind).toBe("lora");
  });

  test("but not one of another model, nor what is no adapter", async () => {
    const { base, dataset } = await loraInput();
    const refuse = async (options: Partial<TrainOptions>, code: string, message: string) => {
      await expect(run({ dataset, base, steps: 2, ...options })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
    };
    const narrow = await loraInput({ width: 32, feedForward: 64 });
    const foreign = await run({ ...narrow, steps: 2 });
    await refuse(
      { adapter: foreign.file },
      "E_MISMATCH",
      '"blk.0.attn_q.weight.lora_a" is 32 × 16, not 64 × 16',
    );
    const deep = await loraInput({ layers: 3 });
    const deeper = await run({ dataset, base: deep.base, steps: 2 });
    await refuse({ adapter: deeper.file }, "E_MISMATCH", 'no "blk.2.attn_q.weight"');
    const qwen = await run({
      dataset,
      base: await tinyModel({ architecture: "qwen2", width: 64, heads: 4, feedForward: 128 }),
      steps: 2,
    });
    await refuse({ adapter: qwen.file }, "E_MISMATCH", "a model of qwen2, not of llama");
    await refuse({ adapter: base }, "E_INPUT", "is not a LoRA adapter");
    await refuse({ adapter: "/nowhere/adapter.gguf" }, "E_NOT_FOUND", "/nowhere/adapter.gguf");
    await refuse({ adapter: foreign.file, train: "all" }, "E_USAGE", "as LoRA only");
    const { folder: plain } = await writeDataset();
    await refuse(
      { dataset: plain, base: "scratch", train: "lora" },
      "E_USAGE",
      "--base is scratch",
    );
  });
});

test("rsLoRA's scale is in the file as the alpha that gives it", async () => {
  const { base, dataset } = await loraInput();
  const { file } = await run({ dataset, base, steps: 2, rank: 16, alpha: 8, rslora: true });
  // alpha / √rank = 2 = 32 / rank
  expect((await contents(file)).metadata.number("adapter.lora.alpha")).toBe(32);
});

describe("all weights of a base", () => {
  test.each(["F32", "Q8_0"] as const)(
    "are trained, and written with the base's metadata (%s)",
    async (type) => {
      const base = await tinyModel({
        width: 64,
        feedForward: 128,
        heads: 4,
        keyValueHeads: 2,
        type,
        ropeFactors: [1, 1, 2, 2, 4, 4, 8, 8],
      });
      const { metadata, tensors } = await contents(base);
      const { folder: dataset } = await writeDataset({
        tokens: metadata.strings("tokenizer.ggml.tokens"),
        documents: 4,
      });
      const { report, file } = await run({
        dataset,
        base,
        train: "all",
        steps: 40,
        learningRate: 2e-3,
        batchSize: 4,
      });
      expect(report).toMatchObject({ kind: "all", output: "model.gguf" });
      expect(report.parameters.trained).toBe(report.parameters.total - 8); // all but the table
      expect(report.loss_history.at(-1)?.loss).toBeLessThan(
        0.5 * (report.loss_history[0]?.loss ?? 0),
      );
      const written = await contents(file);
      expect([...written.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
      expect(written.tensors.get("rope_freqs.weight")).toEqual(tensors.get("rope_freqs.weight"));
      for (const key of ["general.name", "tokenizer.ggml.model", "llama.rope.freq_base"]) {
        expect(written.metadata.get(key)).toEqual(metadata.get(key));
      }
      expect(written.metadata.number("general.file_type")).toBe(0);
    },
  );

  test("begin where the base is: its loss before training is that of its LoRA, which begins at zero", async () => {
    const { base, dataset } = await loraInput();
    const [all, lora] = [
      await run({ dataset, base, train: "all", steps: 1 }),
      await run({ dataset, base, steps: 1 }),
    ];
    expect(all.report.validation.before.loss).toBeCloseTo(lora.report.validation.before.loss, 4);
  });
});

describe("old sequences are mixed in", () => {
  test("at even distances, in the share asked for, each of both as often as any other", async () => {
    const dataset = await openDataset((await writeDataset({ documents: 24 })).folder); // 12 sequences
    const old = await openDataset((await writeDataset({ documents: 8 })).folder); // 4
    const batches = new Batches(dataset.train, 1, { split: old.train, share: 0.25 });
    const names = batches.names(0, 32);
    expect(names.filter((name) => name.startsWith("replay"))).toHaveLength(8);
    for (let at = 0; at < 32; at += 4) {
      expect(batches.names(at, 4).filter((name) => name.startsWith("replay"))).toHaveLength(1);
    }
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect([...counts.values()].every((count) => count === 2)).toBe(true); // two epochs of each
    expect(counts.size).toBe(16);
    expect(batches.epochs(32)).toBe(2);
    expect(batches.epochLength).toBe(16);
    const sequences = await batches.read(0, 32);
    for (const [i, name] of names.entries()) {
      const [row, index] = name.split(" ");
      const split = row === "replay" ? old.train : dataset.train;
      expect(sequences[i]).toEqual(await split.read(Number(index)));
    }
    await dataset.close();
    await old.close();
  });

  test("and the report says so; what does not go together is refused", async () => {
    const { folder: dataset } = await writeDataset();
    const { folder: replayDataset } = await writeDataset({ documents: 6 });
    const { report } = await run({ dataset, replayDataset, replay: 0.5, steps: 4 });
    expect(report.replay).toMatchObject({ share: 0.5 });
    expect(report.epochs).toBe(1); // 4 steps of 2 sequences, every other of which is one of 4 new ones
    const { folder: other } = await writeDataset({ tokens: ["a", "b", "c", "d", "e"] });
    for (const [options, code, message] of [
      [{ replay: 0.5 }, "E_USAGE", "need each other"],
      [{ replayDataset }, "E_USAGE", "need each other"],
      [{ replay: 0.5, replayDataset: other }, "E_MISMATCH", "another vocabulary"],
      [{ replay: 0.5, replayDataset: "/nowhere" }, "E_NOT_FOUND", "/nowhere"],
    ] as const) {
      await expect(run({ dataset, steps: 2, ...options })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
    }
  });
});

test("the last weights are written beside the best ones where they are others", async () => {
  const { folder: dataset } = await writeDataset();
  const { report, outputDir, file } = await run({
    dataset,
    steps: 40,
    learningRate: 0.02,
    evaluateEvery: 5,
    batchSize: 4,
  });
  // Nothing that is random can be predicted: learning the training data by heart harms.
  expect(report.validation.best.step).toBeLessThan(40);
  const last = join(outputDir, "last-model.gguf");
  expect(readFileSync(last)).not.toEqual(readFileSync(file));
  const [a, b] = [await contents(last), await contents(file)];
  expect([...a.tensors.keys()]).toEqual([...b.tensors.keys()]);
});
