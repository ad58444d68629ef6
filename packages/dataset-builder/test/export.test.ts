import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dataset } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { checkRoom } from "../src/export/estimate.ts";
import { type ExportOptions, exportStage, stage } from "../src/index.ts";
import { readNpy } from "./read-npy.ts";
import { readSafetensors } from "./read-safetensors.ts";
import { history, oneEach, tokenFolder } from "./token-folder.ts";

const SIDES = ["train", "validation", "test"] as const;
const LENGTH = 60;

/** Every third token is given, every fifth of the others weighs little. */
const documents = oneEach(20, LENGTH).map((one, d) => ({
  ...one,
  weights: one.ids.map((_, i) => (i < 20 + d ? 0 : i % 5 === 0 ? 10 : 100)),
}));

async function build(
  options: Partial<Parameters<typeof stage.run>[0]> = {},
  kind: "trained" | "gguf" = "trained",
) {
  const folder = await tokenFolder(documents, { commits: history(20), kind });
  const settings = { ...folder, sequenceLength: 32, ...options };
  await stage.run(settings, {});
  return settings.outputDir;
}

async function run(
  dataset: string,
  format: ExportOptions["format"],
  more: Partial<ExportOptions> = {},
) {
  const outputDir = join(temporaryFolder(), "export");
  const options = readOptions(exportStage.options, { dataset, format, outputDir, ...more });
  return { outputDir, summary: await exportStage.run(options, {}) };
}

const sidesOf = (folder: string) =>
  SIDES.map((side) => readSafetensors(join(folder, `${side}.safetensors`)).tensors);

/** A dataset of windows. */
const buildWindows = () =>
  build({ objective: "context-target", contextLength: 40, targetLength: 16, stride: 8 });

describe("parquet", () => {
  const read = async (path: string) =>
    parquetReadObjects({ file: await asyncBufferFromFile(path) }) as Promise<
      { input_ids: number[]; attention_mask: number[]; labels: number[] }[]
    >;

  test("has one row for each piece, and labels where it is to be predicted", async () => {
    const causal = await build();
    const { outputDir, summary } = await run(causal, "parquet");
    for (const [i, tensors] of sidesOf(causal).entries()) {
      const rows = await read(join(outputDir, `data/${SIDES[i]}-00000-of-00001.parquet`));
      const tokens = tensors.tokens?.values ?? [];
      const weights = tensors.loss_weight_percent?.values ?? [];
      const pieces = tensors.pieces?.values ?? [];
      const starts = pieces.filter((_, at) => at % 3 === 1).sort((a, b) => a - b);
      expect(rows.map(({ input_ids }) => input_ids.length).reduce((a, b) => a + b, 0)).toBe(
        pieces.filter((_, at) => at % 3 === 2).reduce((a, b) => a + b, 0),
      );
      for (const [row, { input_ids, attention_mask, labels }] of rows.entries()) {
        const start = starts[row] ?? 0;
        expect(Object.keys(rows[row] ?? {})).toEqual(["input_ids", "attention_mask", "labels"]);
        expect(input_ids).toEqual(tokens.slice(start, start + input_ids.length));
        expect(attention_mask).toEqual(input_ids.map(() => 1));
        expect(labels).toEqual(
          input_ids.map((id, at) => (at > 0 && (weights[start + at] ?? 0) > 0 ? id : -100)),
        );
      }
      expect(summary[SIDES[i] as string]).toBe(rows.length);
    }
  });

  test("predicts each token but a document's first once", async () => {
    const causal = await build();
    const { outputDir } = await run(causal, "parquet");
    for (const [i, tensors] of sidesOf(causal).entries()) {
      const rows = await read(join(outputDir, `data/${SIDES[i]}-00000-of-00001.parquet`));
      const predicted = rows.flatMap(({ labels }) => labels.filter((label) => label >= 0));
      const weights = tensors.loss_weight_percent?.values ?? [];
      const wanted = (tensors.tokens?.values ?? []).filter((_, at) => (weights[at] ?? 0) > 0);
      expect(predicted).toEqual(wanted);
    }
  });

  test("counts light tokens as given, if it is told to", async () => {
    const causal = await build();
    const { outputDir } = await run(causal, "parquet", { minLossWeight: 50 });
    const rows = await read(join(outputDir, "data/train-00000-of-00001.parquet"));
    const weights = sidesOf(causal)[0]?.loss_weight_percent?.values ?? [];
    const predicted = rows.flatMap(({ labels }) => labels.filter((label) => label >= 0));
    expect(predicted).toHaveLength(weights.filter((weight) => weight >= 50).length);
  });

  test("has the layout that Hugging Face's datasets look for, with a recipe", async () => {
    const causal = await build();
    const { outputDir } = await run(causal, "parquet");
    expect((await readdir(outputDir, { recursive: true })).sort()).toEqual([
      "README.md",
      "axolotl.yaml",
      "data",
      "data/test-00000-of-00001.parquet",
      "data/train-00000-of-00001.parquet",
      "data/validation-00000-of-00001.parquet",
      "export.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    const card = await readFile(join(outputDir, "README.md"), "utf8");
    expect(card).toMatch(
      /^---\nconfigs:\n- config_name: default\n {2}data_files:\n {2}- split: train\n {4}path: data\/train-\*\.parquet\n/,
    );
    const recipe = await readFile(join(outputDir, "axolotl.yaml"), "utf8");
    expect(recipe).toContain("path: ./data/train-00000-of-00001.parquet\n    ds_type: parquet");
    expect(recipe).toMatch(/sequence_len: 32\n/);
  });

  test("comes in shards of the wanted size, which hold the rows in order", async () => {
    const many = oneEach(300, 1000);
    const folder = await tokenFolder(many, { commits: history(300) });
    await stage.run(folder, {});
    const { outputDir } = await run(folder.outputDir, "parquet", { shardMegabytes: 1 });
    const names = (await readdir(join(outputDir, "data"))).filter((name) =>
      name.startsWith("train"),
    );
    expect(names).toEqual(["00000", "00001", "00002"].map((n) => `train-${n}-of-00003.parquet`));
    const rows = (
      await Promise.all(names.map((name) => read(join(outputDir, "data", name))))
    ).flat();
    const whole = await run(folder.outputDir, "parquet");
    expect(rows).toEqual(await read(join(whole.outputDir, "data/train-00000-of-00001.parquet")));
  });
});

test("jsonl: what is given is the prompt, what bears loss the completion", async () => {
  const causal = await build();
  const { outputDir } = await run(causal, "jsonl");
  const names = ["train.jsonl", "valid.jsonl", "test.jsonl"];
  expect((await readdir(outputDir)).sort()).toEqual(
    [
      ...names,
      "export.json",
      "mlx-lm.yaml",
      "tokenizer.json",
      "tokenizer_config.json",
      "train-trl.py",
    ].sort(),
  );
  const lines = (
    await Promise.all(names.map((name) => readFile(join(outputDir, name), "utf8")))
  ).flatMap((text) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
  expect(lines).toHaveLength(documents.length);
  const spell = (ids: readonly number[]) =>
    ids.map((id) => (id === 0 ? "<END>" : String.fromCharCode(96 + id))).join("");
  for (const [d, { prompt, completion }] of lines.entries()) {
    expect(prompt).toBe(spell(documents[d]?.ids.slice(0, 20 + d) ?? []));
    expect(prompt + completion).toBe(spell(documents[d]?.ids ?? []));
  }
});

test("text: documents, one after the other", async () => {
  const causal = await build();
  const { outputDir } = await run(causal, "text");
  const text = await readFile(join(outputDir, "train.txt"), "utf8");
  expect(text.split("<END>\n")).toHaveLength(14 + 1);
});

test("safetensors: four tensors of windows", async () => {
  const windows = await buildWindows();
  const { outputDir } = await run(windows, "safetensors");
  for (const [i, side] of sidesOf(windows).entries()) {
    const { tensors } = readSafetensors(join(outputDir, `${SIDES[i]}.safetensors`));
    const rows = side.windows?.values ?? [];
    const tokens = side.tokens?.values ?? [];
    const weights = side.loss_weight_percent?.values ?? [];
    const count = rows.length / 3;
    expect(
      Object.fromEntries(
        Object.entries(tensors).map(([name, { dtype, shape }]) => [name, [dtype, ...shape]]),
      ),
    ).toEqual({
      contexts: ["I32", count, 40],
      targets: ["I32", count, 16],
      context_masks: ["U8", count, 40],
      target_masks: ["U8", count, 16],
    }); // prettier-ignore
    for (let row = 0; row < count; row++) {
      const [start = 0, target = 0, end = 0] = rows.slice(3 * row, 3 * row + 3);
      const part = (name: string, width: number) =>
        tensors[name]?.values.slice(row * width, (row + 1) * width);
      expect(part("contexts", 40)).toEqual(tokens.slice(start, target));
      expect(part("targets", 16)).toEqual(tokens.slice(target, end));
      expect(part("target_masks", 16)).toEqual(
        weights.slice(target, end).map((w) => (w > 0 ? 1 : 0)),
      );
    }
  }
});

test("safetensors: a context that is too short is padded in front, and masked", async () => {
  const short = await build({ objective: "context-target", contextLength: 2048, targetLength: 16 });
  const { outputDir } = await run(short, "safetensors");
  const { tensors } = readSafetensors(join(outputDir, "test.safetensors"));
  const tokens = sidesOf(short)[2]?.tokens?.values ?? [];
  const given = tokens.length - 16;
  expect(tensors.context_masks?.values.reduce((a, b) => a + b, 0)).toBe(given);
  expect(tensors.contexts?.values.slice(-given)).toEqual(tokens.slice(0, given));
  expect(tensors.contexts?.values.slice(0, -given).every((id) => id === 0)).toBe(true);
});

test("npy: the stream, its weights, and where documents begin", async () => {
  const causal = await build();
  const { outputDir } = await run(causal, "npy");
  for (const [i, tensors] of sidesOf(causal).entries()) {
    const name = SIDES[i] as string;
    expect(readNpy(join(outputDir, `${name}.npy`))).toEqual({
      dtype: "<u2",
      values: tensors.tokens?.values,
    });
    expect(readNpy(join(outputDir, `${name}_loss_weights.npy`)).values).toEqual(
      tensors.loss_weight_percent?.values,
    );
    expect(readNpy(join(outputDir, `${name}_documents.npy`)).values).toEqual(
      tensors.document_offsets?.values,
    );
  }
});

test.each(["parquet", "jsonl", "npy", "text"] as const)(
  "%s: the same dataset gives the same bytes",
  async (format) => {
    const causal = await build();
    const [one, two] = [await run(causal, format), await run(causal, format)];
    const names = await readdir(one.outputDir, { recursive: true, withFileTypes: true });
    for (const entry of names.filter((entry) => entry.isFile())) {
      const path = join(entry.parentPath, entry.name);
      expect(await readFile(path.replace(one.outputDir, two.outputDir))).toEqual(
        await readFile(path),
      );
    }
  },
);

test("an estimate writes nothing, and is not too low", async () => {
  const causal = await build();
  for (const format of ["npy", "text", "jsonl"] as const) {
    const { summary } = await run(causal, format, { estimate: true });
    const { summary: real } = await run(causal, format);
    expect(summary.estimated_bytes).toBeGreaterThan(0.95 * Number(real.bytes));
  }
  const { outputDir } = await run(causal, "npy", { estimate: true });
  await expect(readdir(outputDir)).rejects.toThrow();
});

test("an export that does not fit on its disk is refused", async () => {
  await checkRoom(temporaryFolder(), 1000);
  await expect(checkRoom(join(temporaryFolder(), "a", "b"), 1e18)).rejects.toMatchObject({
    code: "E_OUTPUT",
    message: expect.stringMatching(/takes about 1000000000\.0 GB; .* left/),
  });
});

describe("wrong input", () => {
  const fails = (promise: Promise<unknown>, code: string, message: RegExp) =>
    expect(promise).rejects.toMatchObject({ code, message: expect.stringMatching(message) });

  test("windows of a dataset that has none", async () => {
    const causal = await build();
    await fails(run(causal, "safetensors"), "E_USAGE", /no contexts and targets/);
  });

  test("text without a vocabulary, and with one of another hash", async () => {
    const causal = await build();
    const base = await build({}, "gguf");
    await fails(run(base, "text"), "E_UNSUPPORTED", /no tokenizer\.json/);
    const own = join(causal, "tokenizer.json");
    await run(base, "text", { tokenizer: own });
    const json = JSON.parse(await readFile(own, "utf8"));
    json.model.vocab = { ...json.model.vocab, z: 25, y: 26 };
    const other = join(temporaryFolder(), "tokenizer.json");
    await writeFile(other, JSON.stringify(json));
    await fails(run(base, "text", { tokenizer: other }), "E_MISMATCH", /is not the vocabulary/);
  });

  test("a dataset that is not there, cut off, or of two vocabularies", async () => {
    await fails(run("/nowhere", "npy"), "E_NOT_FOUND", /nowhere/);
    const cut = await build();
    const path = join(cut, "validation.safetensors");
    const { length } = await readFile(path);
    await truncate(path, length - 1);
    await fails(run(cut, "npy"), "E_TRUNCATED", /validation\.safetensors is cut off/);

    const mixed = await build();
    const described: Dataset = JSON.parse(await readFile(join(mixed, "dataset.json"), "utf8"));
    described.vocabulary.vocabulary_hash = "0".repeat(64);
    await writeFile(join(mixed, "dataset.json"), JSON.stringify(described));
    await fails(run(mixed, "npy"), "E_MISMATCH", /train\.safetensors is of another vocabulary/);
  });

  test("ids outside the vocabulary", async () => {
    const folder = await build();
    const path = join(folder, "test.safetensors");
    const bytes = await readFile(path);
    const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
    const { tokens } = JSON.parse(bytes.subarray(8, headerEnd).toString());
    bytes.writeUInt16LE(900, headerEnd + tokens.data_offsets[0] + 6);
    await writeFile(path, bytes);
    await fails(run(folder, "npy"), "E_MISMATCH", /has the id 900 as token 3, .* ends at 26/);
  });

  test("an abort leaves nothing half written", async () => {
    const causal = await build();
    const controller = new AbortController();
    const outputDir = temporaryFolder();
    const options = readOptions(exportStage.options, {
      dataset: causal,
      outputDir,
      format: "jsonl",
    });
    const onProgress = ({ done }: { done: number }) => {
      if (done === 3) controller.abort();
    };
    const stopped = exportStage.run(options, { signal: controller.signal, onProgress });
    await fails(stopped, "E_INTERRUPTED", /Interrupted/);
    expect(await readdir(outputDir)).toEqual([]);
  });
});
