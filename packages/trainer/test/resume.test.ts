import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TrainingReport } from "@repotune/schema";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, test } from "vitest";
import type { TrainOptions } from "../src/options.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { trainWithKills } from "./support/kills.ts";
import { loraInput } from "./support/lora.ts";
import { trainOptions } from "./support/options.ts";

/** How often each training is killed; 20 were tried, too (REPOTUNE_KILLS=20). */
const KILLS = Number(process.env.REPOTUNE_KILLS ?? 5);

const reportIn = (folder: string): TrainingReport =>
  JSON.parse(readFileSync(join(folder, "training_report.json"), "utf8"));

/** Trains, stopping once `step` steps are done, and gathers notices. */
async function run(options: TrainOptions, stopAt = Number.POSITIVE_INFINITY) {
  const stop = new AbortController();
  const notices: string[] = [];
  const done = train(options, {
    signal: stop.signal,
    onNotice: (notice) => notices.push(notice),
    onProgress: ({ done }) => {
      if (done === stopAt) stop.abort();
    },
  });
  if (stopAt === Number.POSITIVE_INFINITY) await done;
  else await expect(done).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  return notices;
}

/** Paths of a training's checkpoints, by name. */
function checkpointsIn(outputDir: string) {
  const parent = join(outputDir, "checkpoints");
  const [folder = ""] = readdirSync(parent);
  const path = (name: string) => join(parent, folder, `${name}.safetensors`);
  return { last: path("last"), good: path("good"), best: path("best") };
}

const everything: Partial<TrainOptions> = {
  moments: "8bit",
  dropout: 0.1,
  rslora: true,
  loraPlus: 4,
  learningRate: 0.002,
};

test.each([
  { kind: "scratch", extra: {} },
  { kind: "LoRA with all that can be chosen", extra: everything },
])(
  "$kind, killed again and again at any moment, gives the same curve and file",
  async ({ kind, extra }) => {
    const input =
      kind === "scratch" ? { dataset: (await writeDataset()).folder } : await loraInput();
    const whole = trainOptions({
      ...{ dataset: input.dataset, ...("base" in input && { base: input.base as string }) },
      ...extra,
      outputDir: temporaryFolder(),
      steps: 12 * KILLS,
      checkpointEvery: 0, // after each step: most kills then hit one that is being written
      patience: 0,
      samples: 0,
    });
    await train(whole);
    const parts = { ...whole, outputDir: temporaryFolder() };
    const { kills } = await trainWithKills(parts, KILLS, 0.5);
    expect(kills).toBe(KILLS);
    const [uninterrupted, resumed] = [reportIn(whole.outputDir), reportIn(parts.outputDir)];
    expect(resumed.loss_history).toEqual(uninterrupted.loss_history);
    expect(resumed.validation).toEqual(uninterrupted.validation);
    expect(resumed.test).toEqual(uninterrupted.test);
    const file = (folder: string) => readFileSync(join(folder, resumed.output));
    expect(file(parts.outputDir)).toEqual(file(whole.outputDir));
    expect(existsSync(join(parts.outputDir, "checkpoints"))).toBe(false);
  },
);

describe("a checkpoint that is damaged", () => {
  /** A training of 12 steps, interrupted after 5, with one checkpoint at the 3rd or 4th. */
  async function interrupted() {
    const { folder: dataset } = await writeDataset();
    const outputDir = temporaryFolder();
    const options = trainOptions({ dataset, outputDir, steps: 12, patience: 0, samples: 0 });
    await run(options, 5);
    return { options, files: checkpointsIn(outputDir) };
  }

  /** Flips one bit in the middle. */
  function flip(path: string) {
    const bytes = readFileSync(path);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] as number) ^ 1;
    writeFileSync(path, bytes);
  }

  test("is passed over for an older one, which gives the same result", async () => {
    const { options, files } = await interrupted();
    const { folder: dataset } = { folder: options.dataset };
    const whole = trainOptions({ ...options, dataset, outputDir: temporaryFolder() });
    await train(whole);
    flip(files.last);
    const notices = await run(options);
    expect(notices.join("\n")).toMatch(/last\.safetensors is damaged/);
    expect(notices.join("\n")).toMatch(/Going on from the checkpoint after step 4 of 12/);
    expect(reportIn(options.outputDir).loss_history).toEqual(
      reportIn(whole.outputDir).loss_history,
    );
  });

  test.each([
    ["cut off", (path: string) => truncateSync(path, 100)],
    ["empty", (path: string) => truncateSync(path, 0)],
    ["with a wrong bit", flip],
    ["of something else", (path: string) => copyFileSync(import.meta.filename, path)],
  ])("everywhere (%s) costs a notice and a new beginning, never a crash", async (_, damage) => {
    const { options, files } = await interrupted();
    for (const path of Object.values(files)) damage(path);
    const notices = await run(options);
    expect(notices.join("\n")).toContain("No checkpoint is left to go on from: starting anew");
    expect(reportIn(options.outputDir).steps).toBe(12);
  });
});

test("a base that changed is another training, which says why; nothing of the first is lost", async () => {
  const { base, dataset } = await loraInput();
  const other = (await loraInput({ seed: 2 })).base;
  const saved = readFileSync(base);
  const outputDir = temporaryFolder();
  const options = trainOptions({ dataset, base, outputDir, steps: 12, patience: 0, samples: 0 });
  await run(options, 5);
  copyFileSync(other, base);
  const notices = await run(options);
  expect(notices.join("\n")).toMatch(/another training: not the same base\. It is kept/);
  writeFileSync(base, saved);
  expect((await run(options)).join("\n")).toContain("Going on from the checkpoint after step 5");
});

test("an output that cannot be written costs no training: the next run only writes it", async () => {
  const { folder: dataset } = await writeDataset();
  const outputDir = temporaryFolder();
  const options = trainOptions({ dataset, outputDir, steps: 4, patience: 0, samples: 0 });
  const obstacle = join(outputDir, "model.unchecked.gguf.tmp");
  mkdirSync(obstacle);
  await expect(train(options)).rejects.toMatchObject({
    code: "E_OUTPUT",
    message: expect.stringContaining("model.unchecked.gguf"),
    hint: expect.stringContaining("A folder stands where the file should go"),
  });
  rmdirSync(obstacle);
  let steps = 0;
  await train(options, {
    onProgress() {
      steps += 1;
    },
  });
  expect(steps).toBe(0);
  expect(reportIn(outputDir).steps).toBe(4);
});

const trainer = fileURLToPath(new URL("../bin.js", import.meta.url));
const hasLimits = process.platform === "linux" || process.platform === "darwin";

describe.runIf(hasLimits)("a disk that is full", () => {
  /** Trains in a process whose files may take so many KiB each. */
  function trainWithLimit(kibibytes: number | "unlimited", flags: readonly string[]) {
    const script = `ulimit -f ${kibibytes === "unlimited" ? kibibytes : 2 * kibibytes}; exec "$0" "$@"`;
    return spawnSync("sh", ["-c", script, process.execPath, trainer, "--json", ...flags], {
      encoding: "utf8",
    });
  }

  test("ends a training with what to do, without half a file, and it goes on afterwards", async () => {
    const { folder: dataset } = await writeDataset();
    const outputDir = temporaryFolder();
    const flags = Object.entries({
      dataset,
      "output-dir": outputDir,
      steps: 8,
      "embedding-length": 32,
      layers: 2,
      heads: 4,
      "batch-size": 2,
      "checkpoint-every": 0,
      patience: 0,
      samples: 0,
      device: "cpu",
      threads: 1,
    }).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    // Values alone fit, values and moments do not.
    const failed = trainWithLimit(300, flags);
    expect(failed.status).toBe(1);
    expect(failed.stdout + failed.stderr).toContain("E_OUTPUT");
    expect(failed.stdout + failed.stderr).toMatch(/Cannot write .*checkpoints/);
    const left = readdirSync(outputDir, { recursive: true }).map(String);
    expect(left.filter((name) => /\.(tmp|part)$/.test(name))).toEqual([]);
    expect(left.some((name) => /model\.gguf$/.test(name))).toBe(false);
    const done = trainWithLimit("unlimited", flags);
    expect(done.status).toBe(0);
    expect(reportIn(outputDir).steps).toBe(8);
  });
});
