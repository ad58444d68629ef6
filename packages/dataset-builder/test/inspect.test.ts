import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { Dataset } from "@repotune/schema";
import { type Io, runCommand, stageCommand } from "@repotune/schema/command";
import { expect, test } from "vitest";
import { stage } from "../src/index.ts";
import { history, oneEach, tokenFolder } from "./token-folder.ts";

async function inspect(folder: string, ...flags: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io: Io = { stdin, stdout, stderr, env: {} };
  const argv = ["--inspect", "--output-dir", folder, ...flags];
  const code = await runCommand(stageCommand(stage, io, "build"), argv, io);
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), errors: await text(stderr) };
}

async function built() {
  const options = await tokenFolder(oneEach(20), { commits: history(20) });
  await stage.run(options, {});
  return options.outputDir;
}

test("a person sees the sides, the cuts, the epochs and the leak audit", async () => {
  const { code, out } = await inspect(await built());
  expect(code).toBe(0);
  expect(out).toMatch(/commits +14 +3 +3\n/);
  expect(out).toMatch(/from +2023-11-14 +2023-11-15 +2023-11-15\n/);
  expect(out).toMatch(/tokens +280 +60 +60\n/);
  expect(out).toContain("epochs  10 = clamp(floor(20,000,000 / 280), 3, 10)");
  expect(out).toContain("leak audit  ✓ clean");
  expect(out).toMatch(/left out\n {2}nothing\n/);
  expect(out).not.toContain("\x1b");
});

test("a program gets one object", async () => {
  const folder = await built();
  const { out } = await inspect(folder, "--json");
  const description: Dataset = JSON.parse(await readFile(join(folder, "dataset.json"), "utf8"));
  expect(JSON.parse(out)).toMatchObject({
    ...description,
    counted: { train: { documents: 14, tokens: 280 } },
  });
});

test("epochs follow from the tokens that are there, and a difference is told", async () => {
  const folder = await built();
  const path = join(folder, "dataset.json");
  const description: Dataset = JSON.parse(await readFile(path, "utf8"));
  description.splits.train.tokens = 9_000_000;
  description.recommended_epochs = 3;
  await writeFile(path, JSON.stringify(description));
  const { out } = await inspect(folder);
  expect(out).toContain("! dataset.json says 9,000,000 train tokens; the file holds 280");
  expect(out).toContain("epochs  10 =");
  expect(JSON.parse((await inspect(folder, "--json")).out).recommended_epochs).toBe(10);
});

test("a folder without a dataset is named", async () => {
  const { code, errors } = await inspect("/nowhere");
  expect({ code, errors }).toEqual({
    code: 1,
    errors: expect.stringContaining("There is no file /nowhere/dataset.json"),
  });
});
