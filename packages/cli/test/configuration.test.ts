import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { addSettings, readConfiguration } from "../src/run/configuration.ts";

async function fileOf(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "repotune-cli-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "repotune.yaml");
  await writeFile(path, content);
  return path;
}

it("reads sections of options, whatever the names' case", async () => {
  const path = await fileOf(
    "train:\n  max_minutes: 20\n  learning-rate: 1e-3\ntokenize: { vocabSize: 8192 }\n",
  );
  expect(await readConfiguration(path)).toEqual({
    train: { maxMinutes: 20, learningRate: 0.001 },
    tokenize: { vocabSize: 8192 },
  });
});

it("reads JSON as well, and an empty file", async () => {
  expect(await readConfiguration(await fileOf('{"train": {"seed": 2}}'))).toEqual({
    train: { seed: 2 },
  });
  expect(await readConfiguration(await fileOf(""))).toEqual({});
});

it("lets settings win over the file", () => {
  const settings = ["train.max-minutes=2.5", "build.objective=context-target"];
  expect(addSettings({ train: { maxMinutes: 20, seed: 1 } }, settings)).toEqual({
    train: { maxMinutes: 2.5, seed: 1 },
    build: { objective: "context-target" },
  });
});

it.each([
  ["trian:\n  seed: 1\n", 'there is no stage "trian"'],
  ["train:\n  sead: 1\n", 'train has no option "sead"'],
  ["train: 5\n", 'section "train" holds no options'],
  ["- train\n", "holds no sections"],
  ["train: {\n", "is neither YAML nor JSON"],
])("refuses %j", async (content, message) => {
  await expect(readConfiguration(await fileOf(content))).rejects.toMatchObject({
    code: "E_USAGE",
    message: expect.stringContaining(message),
  });
});

it("says which file is not there, and how a setting is written", async () => {
  await expect(readConfiguration("/no/such.yaml")).rejects.toMatchObject({ code: "E_NOT_FOUND" });
  expect(() => addSettings({}, ["max_minutes=3"])).toThrow("not of the form stage.option=value");
});
