import { existsSync } from "node:fs";
import { join } from "node:path";
import { tinyModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { rehearse } from "../src/rehearse.ts";
import { stage } from "../src/stage.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { trainOptions } from "./support/options.ts";

test("a dry run plans, times steps, and writes nothing", async () => {
  const { folder: dataset } = await writeDataset({ documents: 200 });
  const outputDir = join(temporaryFolder(), "model");
  const notices: string[] = [];
  const options = trainOptions({ dataset, outputDir, steps: 500, evaluations: 3 });
  const rehearsal = await rehearse(options, { onNotice: (notice) => notices.push(notice) });
  expect(rehearsal).toMatchObject({
    probeSteps: 20,
    plannedSteps: 500,
    plan: { device: "CPU", sequence_length: 32, micro_batch_size: 2, kept: "results" },
  });
  expect(rehearsal.totalSeconds).toBeGreaterThan(500 * rehearsal.stepSeconds);
  expect(rehearsal.tokensPerSecond).toBeGreaterThan(1);
  expect(notices[0]).toMatch(/^Memory in MiB\n {2}tokens in a sequence +32\n/);
  expect(existsSync(outputDir)).toBe(false);
});

test("its plan is that of the training, which stays within it", async () => {
  const { folder: dataset } = await writeDataset();
  const options = trainOptions({ dataset, outputDir: temporaryFolder(), steps: 3 });
  const { plan } = await rehearse(options);
  const report = await train(options);
  const { free_bytes, ...planned } = report.memory_plan;
  expect(plan).toMatchObject(planned);
  expect(free_bytes).toBeGreaterThan(planned.total_bytes);
});

test("--dry-run is the stage without its outputs", async () => {
  const base = await tinyModel();
  const { folder: dataset } = await writeDataset({ tokens: await tokensOf(base) });
  const outputDir = join(temporaryFolder(), "model");
  const options = trainOptions({ dataset, base, outputDir, dryRun: true, maxMinutes: 1 });
  const summary = await stage.run(options, {});
  expect(summary).toMatchObject({
    probe_steps: 20,
    weight_layout: "fast",
    micro_batch_size: 2,
    planned_steps: expect.any(Number),
    estimated_minutes: expect.any(Number),
    transposed_bytes: expect.any(Number),
  });
  expect(existsSync(outputDir)).toBe(false);
});

test("a training that cannot fit is refused with what would", async () => {
  const base = await tinyModel({ width: 512, heads: 8 });
  const { folder: dataset } = await writeDataset({
    tokens: await tokensOf(base),
    documents: 2,
    documentLength: 2048,
    perSequence: 1,
  });
  const options = trainOptions({ dataset, base, outputDir: temporaryFolder(), rank: 2 ** 22 });
  await expect(rehearse(options)).rejects.toMatchObject({
    code: "E_MEMORY",
    message: expect.stringMatching(/^Training takes at least [\d,]+ MiB of CPU, which has/),
  });
});

async function tokensOf(path: string): Promise<string[]> {
  const { GgufFile } = await import("@repotune/ggml");
  const file = await GgufFile.open(path);
  await file.close();
  return [...file.metadata.strings("tokenizer.ggml.tokens")];
}
