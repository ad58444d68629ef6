import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dequantizeRows, GgufFile } from "@repotune/ggml";
import { type TinyModelOptions, tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, test } from "vitest";
import { layOut } from "../src/data/micro-batch.ts";
import { openDataset } from "../src/data/token-dataset.ts";
import { Engine } from "../src/engine/engine.ts";
import { BaseModelFile } from "../src/model/base.ts";
import type { LoraOptions } from "../src/model/lora.ts";
import type { Model } from "../src/model/model.ts";
import { correctionsOf, randomErrors } from "../src/output/corrections.ts";
import { checkFile } from "../src/output/export-check.ts";
import { HeldOut } from "../src/output/held-out.ts";
import type { MergeType } from "../src/output/merge-types.ts";
import { writeMerged } from "../src/output/write-merged.ts";
import { Random } from "../src/random.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { theirLogProbabilities } from "./support/log-probabilities.ts";
import { trainOptions } from "./support/options.ts";
import { adamw, cpu } from "./support/tiny.ts";

const tokens = Array.from({ length: 24 }, (_, i) => (i * 53) % 320);

/** A base of `type`, and a model on it with corrections as large as a training's. */
async function corrected(options: TinyModelOptions["type"] | TinyModelOptions) {
  const base = await tinyModel({
    width: 256,
    feedForward: 256,
    heads: 4,
    keyValueHeads: 2,
    ...(typeof options === "string" ? { type: options } : options),
  });
  const file = await BaseModelFile.open(base);
  const model = await file.load(cpu, { rank: 4, alpha: 8, targets: undefined, seed: 3 });
  await file.close();
  const random = new Random(4);
  for (const { name, value } of model.parameters.all) {
    if (!name.endsWith("lora_b")) continue;
    value.write(new Float32Array(value.elements).map(() => 0.2 * random.normal()));
  }
  return { base, model };
}

/** Writes the merged file; gives its path. */
async function merge(base: string, model: Model, type: MergeType): Promise<string> {
  const path = join(temporaryFolder(), "model.gguf");
  const file = await GgufFile.open(base);
  await writeMerged(path, {
    base: file,
    merge: type,
    corrections: correctionsOf(model),
    device: cpu,
  });
  await file.close();
  return path;
}

/** Log-probabilities of all tokens after each of `tokens`, from llama.cpp. */
async function theirs(path: string): Promise<number[][]> {
  const [plain = []] = await theirLogProbabilities(path, tokens);
  return plain;
}

/** Log-probabilities of all tokens after each of `tokens`, in the training's engine. */
async function ours(model: Model): Promise<number[][]> {
  const engine = new Engine(model, { sequences: 1, sequenceLength: tokens.length }, adamw);
  const piece = { tokens, lossWeights: tokens, predictFrom: 1 };
  await engine.evaluate(layOut([[piece]], engine.shape));
  const logits = await engine.logits(Int32Array.from(tokens.keys()));
  engine.dispose();
  const size = model.config.vocabularySize;
  return tokens.map((_, row) => {
    const values = logits.subarray(row * size, (row + 1) * size);
    const sum = Math.log(values.reduce((total, logit) => total + Math.exp(logit), 0));
    return Array.from(values, (logit) => logit - sum);
  });
}

/** Mean Kullback-Leibler divergence, in nats a token. */
function divergence(p: number[][], q: number[][]): number {
  const rows = p.map((row, i) =>
    row.reduce((sum, logP, j) => sum + Math.exp(logP) * (logP - (q[i]?.[j] as number)), 0),
  );
  return rows.reduce((sum, value) => sum + value, 0) / rows.length;
}

describe("a merged file", () => {
  // What the rounding of new weights costs; beside it the 0.3 nats of the corrections themselves.
  test.each([
    ["F32", "base", 1e-9],
    ["F32", "F16", 1e-5],
    ["F32", "Q8_0", 2e-3],
    ["F32", "Q4_K_M", 0.2],
    ["F16", "base", 1e-5],
    ["Q8_0", "base", 2e-3],
    ["Q4_K", "base", 0.2],
    ["Q4_K", "F32", 1e-3],
    ["Q4_K", "Q6_K", 0.02],
  ] as const)(
    "of a %s base in %s gives in llama.cpp what training gave",
    async (type, to, limit) => {
      const { base, model } = await corrected(type);
      const expected = await ours(model);
      const merged = await merge(base, model, to);
      model.dispose();
      const uncorrected = divergence(expected, await theirs(base));
      const measured = divergence(expected, await theirs(merged));
      console.info(
        `${type} → ${to}: ${measured.toExponential(1)} of ${uncorrected.toFixed(2)} nats`,
      );
      expect(measured).toBeLessThan(limit);
      expect(measured).toBeLessThan(uncorrected / 4);
    },
  );

  test("of a base with biases and one matrix for input and output does, too", async () => {
    const { base, model } = await corrected({ architecture: "qwen2", tied: true, type: "Q8_0" });
    const expected = await ours(model);
    const merged = await merge(base, model, "base");
    model.dispose();
    const measured = divergence(expected, await theirs(merged));
    expect(measured).toBeLessThan(2e-3);
    expect(measured).toBeLessThan(divergence(expected, await theirs(base)) / 4);
  });

  test("has W + scale · B·A in its matrices, and all else as in the base", async () => {
    const { base, model } = await corrected("F32");
    const corrections = correctionsOf(model);
    const path = await merge(base, model, "base");
    model.dispose();
    const [before, after] = [await GgufFile.open(base), await GgufFile.open(path)];
    expect([...after.metadata]).toEqual([...before.metadata]);
    expect([...after.tensors.keys()]).toEqual([...before.tensors.keys()]);
    const numbers = async (file: GgufFile, name: string) => {
      const [columns = 1, rows = 1] = file.tensor(name).shape;
      return dequantizeRows("F32", await file.read(name), rows, columns);
    };
    for (const name of before.tensors.keys()) {
      const correction = corrections.get(name);
      if (!correction) {
        expect(await after.read(name)).toEqual(await before.read(name));
        continue;
      }
      const { a, b, rank, scale } = correction;
      const [old, merged] = [await numbers(before, name), await numbers(after, name)];
      const inputs = a.length / rank;
      const differences = merged.map((value, i) => {
        const [row, column] = [Math.floor(i / inputs), i % inputs];
        let sum = 0;
        for (let r = 0; r < rank; r++) {
          sum += (b[row * rank + r] as number) * (a[r * inputs + column] as number);
        }
        return Math.abs(value - ((old[i] as number) + scale * sum));
      });
      expect(Math.max(...differences)).toBeLessThan(1e-6);
    }
    expect(corrections.size).toBe(14);
    await before.close();
    await after.close();
  });
});

/** The tokens of a model. */
async function vocabularyOf(path: string): Promise<readonly string[]> {
  const file = await GgufFile.open(path);
  await file.close();
  return file.metadata.strings("tokenizer.ggml.tokens");
}

/** A base, and a dataset in its vocabulary whose validation split can be learnt by heart. */
async function lora(type: "F32" | "Q4_K" = "F32") {
  const base = await tinyModel({ width: 256, feedForward: 256, heads: 4, keyValueHeads: 2, type });
  const vocabulary = await vocabularyOf(base);
  const random = new Random(7); // as the validation split is drawn
  const known = Array.from({ length: 4 }, () =>
    Array.from({ length: 16 }, () => Math.floor(random.uniform() * vocabulary.length)),
  );
  const { folder: dataset } = await writeDataset({ tokens: vocabulary, train: known });
  return { base, dataset, outputDir: temporaryFolder(), steps: 16, learningRate: 0.01 };
}

/** Model files in a folder, but those of the last weights, which are not the best. */
const ggufFiles = (folder: string) =>
  readdirSync(folder).filter((name) => name.endsWith("gguf") && !name.startsWith("last-"));

describe("before a file gets its name", () => {
  test("an adapter is found to be exact", async () => {
    const options = await lora();
    const report = await train(trainOptions(options));
    const [file, ...others] = report.export.files;
    expect(others).toEqual([]);
    expect(file).toMatchObject({ file: "adapter.gguf", types: "F32", control_divergence: null });
    expect(file?.divergence).toBeLessThan(1e-9);
    expect(file?.largest_difference).toBeLessThan(1e-4);
    expect(file?.loss).toBeCloseTo(report.export.loss, 5);
    expect(report.export.divergence_of_base).toBeGreaterThan(0.1);
    expect(ggufFiles(options.outputDir)).toEqual(["adapter.gguf"]);
  });

  test("a merged file is held against what the training changed", async () => {
    const options = { ...(await lora("Q4_K")), merge: "base" as const };
    const { outputDir } = options;
    const { export: check } = await train(trainOptions(options));
    const [, merged] = check.files;
    expect(merged).toMatchObject({ file: "model.gguf", types: "base", control_divergence: null });
    expect(merged?.divergence).toBeGreaterThan(0);
    expect(merged?.divergence).toBeLessThan(0.05 * (check.divergence_of_base as number));
    expect(ggufFiles(outputDir)).toEqual(["adapter.gguf", "model.gguf"]);
    expect(await theirs(join(outputDir, "model.gguf"))).toHaveLength(24);
  });

  test("where that is little, against random errors as large as those of its types", async () => {
    const options = { ...(await lora()), merge: "Q4_K_M" as const, steps: 2, learningRate: 1e-4 };
    const { export: check } = await train(trainOptions(options));
    const [, merged] = check.files;
    expect(merged?.divergence).toBeGreaterThan(check.divergence_of_base as number);
    expect(merged?.allowed_divergence).toBe(2 * (merged?.control_divergence as number));
    expect(merged?.divergence).toBeLessThan(merged?.allowed_divergence as number);
    console.info(`Q4_K_M: ${merged?.divergence}, random errors ${merged?.control_divergence}`);
    expect(ggufFiles(options.outputDir)).toEqual(["adapter.gguf", "model.gguf"]);
  });

  test.each(["none", "Q8_0", "Q4_0"] as const)("a new model in %s is, too", async (mergeType) => {
    const { folder: dataset } = await writeDataset();
    const outputDir = temporaryFolder();
    const report = await train(trainOptions({ dataset, outputDir, steps: 20, merge: mergeType }));
    expect(report.export.divergence_of_base).toBeNull();
    expect(ggufFiles(outputDir)).toEqual(["model.gguf"]);
    const model = await GgufFile.open(join(outputDir, "model.gguf"));
    const type = mergeType === "none" ? "F32" : mergeType;
    expect(model.tensor("blk.0.ffn_up.weight").type).toBe(type);
    await model.close();
  });

  test.each([
    [1, true],
    [1.5, false],
  ])("a merged file with %f times the corrections is good: %s", async (factor, isGood) => {
    const { base, model } = await corrected("Q4_K");
    const { folder } = await writeDataset({ tokens: await vocabularyOf(base), documents: 4 });
    const dataset = await openDataset(folder);
    const shape = { sequences: 2, sequenceLength: 32 };
    const engine = new Engine(model, shape, adamw);
    const heldOut = await HeldOut.open(dataset.validation, 32, 1);
    const trained = await heldOut.predict(engine);
    const path = join(temporaryFolder(), "model.gguf");
    const corrections = new Map(
      [...correctionsOf(model)].map(([name, c]) => [name, { ...c, scale: factor * c.scale }]),
    );
    for (const { name, value } of model.parameters.all) if (name.endsWith("lora_b")) value.clear();
    const parts = {
      heldOut,
      trained,
      base: await heldOut.predict(engine),
      load: async (from: string, options: LoraOptions) => {
        const file = await BaseModelFile.open(from);
        const loaded = await file.load(cpu, options).finally(() => file.close());
        const other = new Engine(loaded, shape, adamw);
        const dispose = () => {
          other.dispose();
          loaded.dispose();
        };
        return { engine: other, dispose };
      },
    };
    const file = await GgufFile.open(base);
    const merged = { base: file, merge: "base", device: cpu } as const;
    await writeMerged(path, { ...merged, corrections });
    const lora = { rank: 1, alpha: 1, targets: ["attn_q"], seed: 1 };
    const result = await checkFile(
      {
        path,
        name: "model.gguf",
        types: "base",
        lora,
        writeControl: async () => {
          const control = join(temporaryFolder(), "control.gguf");
          const errors = await randomErrors(file, "base", 1);
          await writeMerged(control, { ...merged, corrections: errors });
          return control;
        },
      },
      parts,
    );
    expect(result).toMatchObject({ isGood });
    await file.close();
    await dataset.close();
    engine.dispose();
    model.dispose();
  });

  test("one that says something else is called rejected, and the training is kept", async () => {
    const options = await lora();
    const [original, other] = [
      join(temporaryFolder(), "a"),
      await tinyModel({ seed: 2, width: 256, feedForward: 256, heads: 4, keyValueHeads: 2 }),
    ];
    copyFileSync(options.base, original);
    const training = train(trainOptions(options), {
      // The base is overwritten while it is trained on.
      onProgress: ({ done }) => {
        if (done === 5) copyFileSync(other, options.base);
      },
    });
    await expect(training).rejects.toMatchObject({
      code: "E_OUTPUT",
      message: expect.stringMatching(/adapter\.gguf \(F32\) diverges by [\d.]+ nats a token/),
    });
    expect(ggufFiles(options.outputDir)).toEqual(["adapter.rejected.gguf"]);
    expect(existsSync(join(options.outputDir, "training_report.json"))).toBe(false);

    copyFileSync(original, options.base);
    const notices: string[] = [];
    await train(trainOptions(options), { onNotice: (notice) => notices.push(notice) });
    expect(notices[1]).toContain("after step 16 of 16");
    expect(ggufFiles(options.outputDir)).toEqual(["adapter.gguf"]);
    expect(readFileSync(join(options.outputDir, "training_report.json"), "utf8")).toContain(
      '"export"',
    );
  });
});
