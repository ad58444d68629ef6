import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GgufFile, GgufMetadata } from "@repotune/ggml";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { tinyTokenizer } from "@repotune/test-kit/tokenizer";
import { describe, expect, test } from "vitest";
import { layOut } from "../src/data/micro-batch.ts";
import { Engine } from "../src/engine/engine.ts";
import { continueGreedily, promptOf } from "../src/report/continuation.ts";
import { crc32c } from "../src/report/crc32c.ts";
import { parseNvidia, readAmd } from "../src/report/gpu-reading.ts";
import { HardwareSampler } from "../src/report/hardware-sampler.ts";
import { tokenText } from "../src/report/token-text.ts";
import { train } from "../src/train.ts";
import { readVocabularyMetadata } from "../src/vocabulary-metadata.ts";
import { writeDataset } from "./support/dataset.ts";
import { readEvents } from "./support/events.ts";
import { trainOptions } from "./support/options.ts";
import { adamw, tinyConfig, tinyScratchModel } from "./support/tiny.ts";

test("CRC32C of the examples in RFC 3720, B.4", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(ascending)).toBe(0x46dd794e);
  expect(crc32c(ascending.toReversed())).toBe(0x113fdb5c);
});

describe("TensorBoard", () => {
  const eventsIn = (outputDir: string) => {
    const folder = join(outputDir, "tensorboard");
    const names = readdirSync(folder).sort();
    return names.map((name) => readEvents(readFileSync(join(folder, name))));
  };

  test("has what the report has, step by step", async () => {
    const { folder: dataset } = await writeDataset();
    const outputDir = temporaryFolder();
    const report = await train(trainOptions({ dataset, outputDir, steps: 6, evaluations: 3 }));
    const [events = [], ...others] = eventsIn(outputDir);
    expect(others).toEqual([]);
    expect(events[0]).toMatchObject({ step: 0, fileVersion: "brain.Event:2" });
    expect(Math.abs((events[0]?.wallSeconds ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    const scalars = (tag: string) =>
      events.flatMap(({ step, values }) => (tag in values ? [[step, values[tag]]] : []));
    const rounded = report.loss_history.map((entry) => ({
      loss: [entry.step, Math.fround(entry.loss)],
      rate: [entry.step, Math.fround(entry.learning_rate)],
      norm: [entry.step, Math.fround(entry.gradient_norm)],
    }));
    expect(scalars("train/loss")).toEqual(rounded.map(({ loss }) => loss));
    expect(scalars("train/learning_rate")).toEqual(rounded.map(({ rate }) => rate));
    expect(scalars("train/gradient_norm")).toEqual(rounded.map(({ norm }) => norm));
    expect(scalars("train/tokens_per_second").map(([, value]) => value)).toEqual(
      report.speed_history.map(Math.fround),
    );
    const { before, history } = report.validation;
    expect(scalars("validation/bits_per_byte")).toEqual(
      [before, ...history].map((entry) => [entry.step, Math.fround(entry.bits_per_byte)]),
    );
    expect(scalars("hardware/resident_bytes").length).toBeGreaterThan(0);
  });

  test("withdraws the steps after the checkpoint that a training goes on from", async () => {
    const { folder: dataset } = await writeDataset();
    const outputDir = temporaryFolder();
    const options = trainOptions({ dataset, outputDir, steps: 8, patience: 0 });
    const stop = new AbortController();
    const interrupted = train(options, {
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 5) stop.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: "E_INTERRUPTED" });
    const report = await train(options);
    expect(report.speed_history).toHaveLength(8);
    const files = eventsIn(options.outputDir);
    expect(files).toHaveLength(2);
    expect(files[1]?.[1]).toMatchObject({ step: 6, isSessionStart: true });
    const steps = files.flat().flatMap(({ step, values }) => ("train/loss" in values ? step : []));
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // Another training in the same folder is none of its steps' business.
    await train({ ...options, seed: 2 });
    expect(eventsIn(options.outputDir)).toHaveLength(1);
  });

  test("that cannot be written costs a notice, not the training", async () => {
    const { folder: dataset } = await writeDataset();
    const outputDir = temporaryFolder();
    writeFileSync(join(outputDir, "tensorboard"), "a file where the folder should be");
    const notices: string[] = [];
    const report = await train(trainOptions({ dataset, outputDir, steps: 2 }), {
      onNotice: (notice) => notices.push(notice),
    });
    expect(report.steps).toBe(2);
    expect(notices.filter((notice) => notice.includes("TensorBoard"))).toHaveLength(1);
  });
});

describe("a continuation", () => {
  test("is what choosing the most probable token one by one gives", async () => {
    const model = tinyScratchModel(false, { ...tinyConfig, vocabularySize: 96 });
    const shape = { sequences: 2, sequenceLength: 32 };
    const engine = new Engine(model, shape, adamw);
    const prompt = [5, 17, 60];
    const expected: number[] = [];
    for (let i = 0; i < 12; i++) {
      const tokens = [...prompt, ...expected, 0];
      const piece = { tokens, lossWeights: tokens.map(() => 100), predictFrom: tokens.length - 1 };
      expected.push((await engine.evaluate(layOut([[piece]], shape))).predictions[0] as number);
    }
    const limits = { tokens: 12, seconds: 60, documentEndId: null };
    expect(await continueGreedily(engine, prompt, limits)).toEqual(expected);
    // It ends with the document, and with the time: then after what one pass settles.
    const documentEndId = expected[4] as number;
    expect(await continueGreedily(engine, prompt, { ...limits, documentEndId })).toEqual(
      expected.slice(0, expected.indexOf(documentEndId) + 1),
    );
    const hasty = await continueGreedily(engine, prompt, { ...limits, seconds: 0 });
    expect(hasty).toEqual(expected.slice(0, hasty.length));
    expect(hasty.length).toBeGreaterThan(0);
    engine.dispose();
    model.dispose();
  });

  test("starts from a document's context, or from its beginning", () => {
    const tokens = Array.from({ length: 100 }, (_, i) => i);
    const piece = (predictFrom: number, length = 100) => [
      { tokens: tokens.slice(0, length), lossWeights: [], predictFrom },
    ];
    expect(promptOf(piece(1), 64)).toEqual(tokens.slice(0, 32));
    expect(promptOf(piece(1, 10), 64)).toEqual([0, 1, 2, 3, 4]);
    expect(promptOf(piece(40), 64)).toEqual(tokens.slice(0, 40));
    expect(promptOf(piece(40), 8)).toEqual(tokens.slice(32, 40));
  });

  test("is in the report for each measurement, in ids and as text", async () => {
    const { folder: dataset, vocabularySize } = await writeDataset();
    const options = { dataset, outputDir: temporaryFolder(), steps: 4, evaluations: 2 };
    const { samples, validation } = await train(trainOptions({ ...options, samples: 6 }));
    const measured = [validation.before, ...validation.history].map(({ step }) => step);
    expect(samples.map(({ step }) => step)).toEqual(measured);
    const { prompt, tokens, text } = samples[0] as (typeof samples)[number];
    expect(prompt).toHaveLength(8); // half a document of 16 tokens
    expect(tokens.length).toBeGreaterThan(0);
    expect(tokens.length).toBeLessThanOrEqual(6);
    expect(Math.max(...tokens)).toBeLessThan(vocabularySize);
    expect(text).toEqual(expect.any(String));
  });
});

describe("tokens as text", () => {
  test("in GPT-2's alphabet, with special tokens by their names", async () => {
    const path = tinyTokenizer({ merges: 20 });
    const text = tokenText(new GgufMetadata(path, await readVocabularyMetadata(path)));
    const { model } = JSON.parse(readFileSync(path, "utf8"));
    const ids = ["<FILE_START>", "f", "n", "Ġ", "Ċ", "Ã", "¤"].map((token) => model.vocab[token]);
    expect(text?.(ids)).toBe("<FILE_START>fn \nä");
  });

  test("in SentencePiece's, and not at all in others", async () => {
    const file = await GgufFile.open(await tinyModel({ width: 32, heads: 4, feedForward: 32 }));
    await file.close();
    const tokens = file.metadata.strings("tokenizer.ggml.tokens");
    const ids = ["<0xC3>", "<0xA4>"].map((token) => tokens.indexOf(token));
    expect(tokenText(file.metadata)?.(ids)).toBe("ä");
    const other = new GgufMetadata("x", [
      ["tokenizer.ggml.model", { type: "string", value: "t5" }],
    ]);
    expect(tokenText(other)).toBeUndefined();
  });
});

describe("hardware", () => {
  test("of NVIDIA, as nvidia-smi prints it", () => {
    const table =
      "NVIDIA GeForce RTX 2060 SUPER, 1024, 8192, 97, 71\nTesla, T4, [N/A], 15360, 0, 33\n";
    expect(parseNvidia(table)).toEqual([
      {
        name: "NVIDIA GeForce RTX 2060 SUPER",
        used_memory_bytes: 2 ** 30,
        total_memory_bytes: 2 ** 33,
        load: 0.97,
        temperature_celsius: 71,
      },
      {
        name: "Tesla, T4",
        used_memory_bytes: null,
        total_memory_bytes: 15 * 2 ** 30,
        load: 0,
        temperature_celsius: 33,
      },
    ]);
  });

  test("of AMD, as the kernel's files say", async () => {
    const root = temporaryFolder();
    const device = join(root, "card1", "device");
    mkdirSync(join(device, "hwmon", "hwmon3"), { recursive: true });
    mkdirSync(join(root, "card1-DP-1"));
    mkdirSync(join(root, "card0", "device"), { recursive: true }); // another maker's
    writeFileSync(join(device, "gpu_busy_percent"), "42\n");
    writeFileSync(join(device, "mem_info_vram_used"), "1000\n");
    writeFileSync(join(device, "mem_info_vram_total"), "4000\n");
    writeFileSync(join(device, "hwmon", "hwmon3", "temp1_input"), "61000\n");
    const card = {
      name: "card1",
      used_memory_bytes: 1000,
      total_memory_bytes: 4000,
      load: 0.42,
      temperature_celsius: 61,
    };
    expect(await readAmd(root)).toEqual([card]);
    expect(await readAmd(join(root, "nothing"))).toEqual([]);
  });

  test("is thinned out, without losing its peaks, and goes on after a resume", async () => {
    let seconds = 0;
    const reading = (load: number) => [
      {
        name: "gpu",
        used_memory_bytes: 10,
        total_memory_bytes: 20,
        load,
        temperature_celsius: null,
      },
    ];
    const options = {
      clock: () => seconds++,
      maxSamples: 4,
      gpuProbe: async () => reading(seconds === 2 ? 0.9 : 0.1),
    };
    const sampler = new HardwareSampler(options);
    for (let i = 0; i < 5; i++) await sampler.sample();
    const { report } = sampler;
    expect(report.samples.map((sample) => sample.seconds)).toEqual([1, 3, 4]);
    expect(report.interval_seconds).toBe(20);
    expect(report.peaks).toMatchObject({
      gpu_load: 0.9,
      gpu_memory_bytes: 10,
      gpu_temperature_celsius: null,
    });
    expect(report.peaks.resident_bytes).toBeGreaterThan(10e6);
    const later = new HardwareSampler({ ...options, earlier: report });
    await later.sample();
    expect(later.report.interval_seconds).toBe(40); // four samples again
    expect(later.report.samples.map((sample) => sample.seconds)).toEqual([3, 5]);
    expect(later.report.peaks.gpu_load).toBe(0.9);
  });

  test("that cannot be read is no reason to fail", async () => {
    const sampler = new HardwareSampler({
      clock: () => 0,
      gpuProbe: () => Promise.reject(new Error("driver gone")),
    });
    await sampler.sample();
    expect(sampler.report.samples).toEqual([]);
  });
});
