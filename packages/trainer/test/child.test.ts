import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { trainInChild } from "../src/child/train-in-child.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { trainOptions } from "./support/options.ts";

/** Process ids of the worker processes that this process has started. */
async function workers(): Promise<number[]> {
  const found: number[] = [];
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    const command = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    const parent = Number(status.slice(status.lastIndexOf(")")).split(" ")[2]);
    if (parent === process.pid && command.includes("worker.js")) found.push(Number(entry));
  }
  return found;
}

test("a child trains as this process would, and reports its progress", async () => {
  const { folder: dataset } = await writeDataset();
  const options = trainOptions({ dataset, outputDir: temporaryFolder(), steps: 4 });
  const steps: number[] = [];
  const report = await trainInChild(options, { onProgress: ({ done }) => steps.push(done) });
  expect(steps).toEqual([1, 2, 3, 4]);
  const here = await train({ ...options, outputDir: temporaryFolder() });
  expect(report.loss_history).toEqual(here.loss_history);
  expect(await workers()).toEqual([]);
});

test("an error in the child arrives with its code and hint", async () => {
  const { folder: dataset } = await writeDataset();
  const options = trainOptions({ dataset, outputDir: temporaryFolder(), steps: 4 });
  await expect(trainInChild({ ...options, device: "abacus" })).rejects.toMatchObject({
    code: "E_UNSUPPORTED",
    message: 'There is no device "abacus".',
    hint: expect.stringContaining("CPU"),
  });
});

test("an abort stops the child with a checkpoint, and the next run goes on", async () => {
  const { folder: dataset } = await writeDataset();
  const options = trainOptions({ dataset, outputDir: temporaryFolder(), steps: 400 });
  const stop = new AbortController();
  const stopped = trainInChild(options, {
    signal: stop.signal,
    onProgress: ({ done }) => {
      if (done === 3) stop.abort();
    },
  });
  await expect(stopped).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  const [folder = ""] = readdirSync(join(options.outputDir, "checkpoints"));
  expect(readdirSync(join(options.outputDir, "checkpoints", folder))).toContain("last.safetensors");
  expect(existsSync(join(options.outputDir, "model.gguf"))).toBe(false);
  const second = new AbortController();
  const notices: string[] = [];
  const resumed = trainInChild(options, {
    signal: second.signal,
    onNotice: (notice) => {
      notices.push(notice);
      second.abort();
    },
  });
  await expect(resumed).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect(notices[1]).toMatch(/checkpoint after step \d+ of 400/);
});

test.runIf(process.platform === "linux")(
  "a child that is killed leaves the parent alive",
  async () => {
    const { folder: dataset } = await writeDataset();
    const endless = { epochs: 10_000, steps: 100_000, patience: 0 };
    const options = trainOptions({ dataset, outputDir: temporaryFolder(), ...endless });
    const dying = trainInChild(options, {
      onProgress: async ({ done }) => {
        if (done !== 3) return;
        const [pid] = await workers();
        process.kill(pid as number, "SIGKILL");
      },
    });
    await expect(dying).rejects.toMatchObject({
      code: "E_MEMORY",
      message: expect.stringContaining("ended by SIGKILL"),
    });
  },
);
