import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Device } from "@repotune/ggml";
import { type TinyModelOptions, tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, onTestFinished, test } from "vitest";
import { llama } from "../src/architectures/llama.ts";
import { Engine } from "../src/engine/engine.ts";
import { BaseModelFile } from "../src/model/base.ts";
import { createModel } from "../src/model/scratch.ts";
import { leanestPlan, type MemoryRequest } from "../src/plan/dry-plan.ts";
import { freeHostMemory } from "../src/plan/host-memory.ts";
import { measureMemory } from "../src/plan/measure-memory.ts";
import { planMemory } from "../src/plan/memory-plan.ts";
import { changedPlan, planLine, planTable } from "../src/plan/memory-text.ts";
import { adamw, tinyConfig } from "./support/tiny.ts";

const MIB = 2 ** 20;
const lora = { rank: 8, alpha: 16, targets: undefined, seed: 1 };

/** Requests for a tiny base on devices with some memory, of which the CPU is the stand-in. */
async function requests(): Promise<(freeMemory: number) => MemoryRequest> {
  const base = await BaseModelFile.open(await tinyModel({ type: "Q4_K" }));
  onTestFinished(() => base.close());
  return (freeMemory) => ({
    device: "cpu",
    threads: 1,
    as: { name: "CARD", kind: "gpu", freeMemory },
    load: (device, layout) => base.load(device, lora, layout),
    layouts: ["fast", "compact"],
    sequenceLength: 256,
    batchSize: 8,
  });
}

describe("a dry device measures, to the byte, what is reserved for", () => {
  test.each<[string, TinyModelOptions, number, number]>([
    ["llama in F32", { type: "F32", layers: 3 }, 2, 48],
    ["llama in Q4_K, long sequences", { type: "Q4_K" }, 1, 300],
    ["llama in Q8_0 with tied embeddings", { type: "Q8_0", tied: true }, 3, 32],
    ["llama in F16", { type: "F16", vocabulary: 900 }, 2, 64],
    ["qwen2 in Q6_K", { type: "Q6_K", architecture: "qwen2" }, 2, 64],
  ])("%s", async (_name, options, sequences, sequenceLength) => {
    const base = await BaseModelFile.open(await tinyModel(options));
    const shape = { sequences, sequenceLength };
    for (const layout of ["compact", "fast"] as const) {
      for (const kept of ["inputs", "results", "inputs_on_host"] as const) {
        const [real, dry] = [Device.open("cpu", 1), Device.openDry("cpu", 1)];
        const [model, dryModel] = [
          await base.load(real, lora, layout),
          await base.load(dry, lora, layout),
        ];
        expect(dryModel.memory).toEqual(model.memory);
        expect(dry.memory.peak).toBe(real.memory.peak);
        const engine = new Engine(model, shape, adamw, kept);
        const { weights, transposed, parameters, layer_inputs, batch, results } =
          await measureMemory(dryModel, shape, kept);
        expect(layer_inputs + batch + results).toBe(engine.bytes);
        expect(weights + transposed + parameters + engine.bytes).toBe(real.memory.reserved);
        for (const part of [engine, model, dryModel, real, dry]) part.dispose();
      }
    }
    await base.close();
  });

  test("a new model", () => {
    const shape = { sequences: 4, sequenceLength: 32 };
    const options = { isTied: true, seed: 1 };
    const [real, dry] = [Device.open("cpu", 1), Device.openDry("cpu", 1)];
    const models = [real, dry].map((device) => createModel(device, llama, tinyConfig, options));
    const engines = models.map((model) => new Engine(model, shape, adamw, "results"));
    expect(dry.memory.reserved).toBe(real.memory.reserved);
    for (const part of [...engines, ...models, real, dry]) part.dispose();
  });
});

describe("the plan takes the fastest way that fits", () => {
  test("all that helps where there is plenty, and less and less of it", async () => {
    const request = await requests();
    const plenty = await planMemory(request(16 * 1024 * MIB));
    expect(plenty).toMatchObject({
      device: "CARD",
      micro_batch_size: 8,
      weight_layout: "fast",
      kept: "results",
    });
    const lean = await leanestPlan(request(0));
    const chosen = [];
    for (let free = plenty.total_bytes; free >= lean.total_bytes; ) {
      const plan = await planMemory(request(free));
      expect(plan.total_bytes).toBeLessThanOrEqual(free);
      expect(plan.total_bytes).toBe(Object.values(plan.parts).reduce((a, b) => a + b));
      const { weight_layout, kept, micro_batch_size } = plan;
      chosen.push(`${weight_layout} ${kept} ${micro_batch_size}`);
      free = plan.total_bytes - 1; // just too little for it
    }
    expect(chosen).toEqual([
      "fast results 8",
      "fast results 4",
      "fast results 2",
      "fast inputs 2",
      "fast inputs_on_host 2",
      "compact inputs 2",
      "compact inputs_on_host 2",
      "fast results 1", // of 256 tokens, which are few to dequantise weights for
      "fast inputs 1",
      "fast inputs_on_host 1",
      "compact inputs 1",
      "compact inputs_on_host 1",
    ]);
  });

  test("an interrupted training goes on as it began, if that still fits", async () => {
    const request = await requests();
    const earlier = { micro_batch_size: 2, weight_layout: "compact", kept: "inputs" } as const;
    const plenty = { ...request(16 * 1024 * MIB), earlier };
    const plan = await planMemory(plenty);
    expect(plan).toMatchObject(earlier);
    expect(changedPlan(plan, earlier)).toBeUndefined();
    const scarce = await planMemory({ ...request(plan.total_bytes - 1), earlier });
    expect(scarce.total_bytes).toBeLessThan(plan.total_bytes);
    expect(changedPlan(scarce, earlier)).toContain("Less memory is free");
  });

  test("and refuses what does not fit, with settings that would", async () => {
    const request = await requests();
    const { total_bytes } = await leanestPlan(request(0));
    const tight = request(total_bytes - 1);
    const alternatives = [
      { change: "--rank 2", request: { load: tight.load } },
      { change: "--threads 1", request: tight },
    ];
    await expect(planMemory({ ...tight, alternatives })).rejects.toMatchObject({
      code: "E_MEMORY",
      message: expect.stringMatching(/^Training takes at least \d+ MiB of CARD, which has \d+ MiB/),
      hint: "It would fit with sequences of 128 tokens (build the dataset with --sequence-length 128).",
    });
    await expect(planMemory(request(MIB))).rejects.toMatchObject({
      hint: expect.stringContaining("a smaller model"),
    });
  });

  test("it prints its parts, side by side with another's", async () => {
    const request = await requests();
    const plan = await planMemory(request(16 * 1024 * MIB));
    expect(planLine(plan)).toMatch(
      /^Memory: \d{3} MiB of 16,384 MiB free on CARD, with 8 sequences of 256 tokens at a time and transposed weights and intermediate results kept\.$/,
    );
    const table = planTable([plan, await leanestPlan(request(512 * MIB))]);
    const cells = table.split("\n").map((line) => line.trim().split(/ {2,}/));
    expect(cells).toEqual(
      expect.arrayContaining([
        ["tokens in a sequence", "256", "256"],
        ["sequences at a time", "8", "1"],
        ["kept for the backward pass", "results", "on the host"],
        ["transposed weights", "2", "0"],
        ["free on CARD", "16,384", "512"],
        ["in the host's memory", "1", "1"],
      ]),
    );
    expect(cells.map(([name]) => name)).not.toContain("program");
    const widths = new Set(
      table
        .split("\n")
        .slice(1)
        .map((line) => line.length),
    );
    expect(widths.size).toBe(1);
  });
});

test("memory that a control group denies is not free", () => {
  const root = temporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("a/b/memory.max", `${50 * MIB}\n`);
  write("a/b/memory.current", `${40 * MIB}\n`);
  write("a/b/memory.stat", `active_file 1\ninactive_file ${5 * MIB}\n`);
  write("a/memory.max", "max\n");
  expect(freeHostMemory(root, "0::/a/b\n")).toBe(15 * MIB);
  expect(freeHostMemory(root, "0::/a\n")).toBeGreaterThan(50 * MIB);
  write("memory/job/memory.limit_in_bytes", `${30 * MIB}\n`);
  write("memory/job/memory.usage_in_bytes", `${10 * MIB}\n`);
  expect(freeHostMemory(root, "4:memory:/job\n0::/\n")).toBe(20 * MIB);
  expect(freeHostMemory()).toBeGreaterThan(0);
});
