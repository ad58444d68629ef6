import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tinyModel, truncatedModel, unsupportedModel } from "@repotune/test-kit/models";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import type { TrainOptions } from "../src/options.ts";
import { train } from "../src/train.ts";
import { writeDataset } from "./support/dataset.ts";
import { trainOptions } from "./support/options.ts";

/** Expects a training to be refused before its first step. */
async function expectRefusal(options: Partial<TrainOptions>, code: string, message: string) {
  let steps = 0;
  const refused = train(trainOptions({ outputDir: temporaryFolder(), steps: 1, ...options }), {
    onProgress: () => {
      steps += 1;
    },
  });
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  expect(steps).toBe(0);
}

/** Changes dataset.json. */
function edit(folder: string, change: (description: Record<string, unknown>) => void): void {
  const path = join(folder, "dataset.json");
  const description = JSON.parse(readFileSync(path, "utf8"));
  change(description);
  writeFileSync(path, JSON.stringify(description));
}

test("a base of another vocabulary", async () => {
  const { folder: dataset, vocabularySize } = await writeDataset();
  const base = await tinyModel({ width: 32, feedForward: 64, heads: 4 });
  await expectRefusal({ dataset, base }, "E_MISMATCH", `${vocabularySize} tokens`);
  const sameSize = await writeDataset({ tokens: Array.from({ length: 320 }, (_, i) => `t${i}`) });
  await expectRefusal({ dataset: sameSize.folder, base }, "E_MISMATCH", "is not that of");
});

test("a new model on tokens of a base, or with a strange tokenizer.json", async () => {
  const { folder: ofBase } = await writeDataset({ tokens: ["a", "b", "c", "d", "e"] });
  await expectRefusal({ dataset: ofBase }, "E_MISMATCH", "no tokenizer.json");
  const { folder: dataset } = await writeDataset();
  const path = join(dataset, "tokenizer.json");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll("<UNK>", "<???>"));
  await expectRefusal({ dataset }, "E_MISMATCH", "is not the vocabulary of its dataset");
});

test("ids that the vocabulary does not have are not clamped", async () => {
  const { folder: dataset } = await writeDataset({ train: [[1, 2, 3, 60_000, 5, 6]] });
  await expectRefusal({ dataset }, "E_MISMATCH", "has the id 60000 as token 3");
});

test("a dataset of which one bit has changed", async () => {
  const { folder: dataset } = await writeDataset();
  const path = join(dataset, "validation.safetensors");
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
  writeFileSync(path, bytes);
  const message = "validation.safetensors is not the file that dataset.json describes";
  await expectRefusal({ dataset }, "E_INPUT", message);
});

test("a model that no memory can hold", async () => {
  const { folder: dataset } = await writeDataset();
  await expectRefusal(
    { dataset, embeddingLength: 1_048_576, heads: 8192, keyValueHeads: 0 },
    "E_MEMORY",
    "",
  );
});

test("a base that is missing, cut off, of another architecture, or no model", async () => {
  const { folder: dataset } = await writeDataset();
  const options = { dataset, base: "/nowhere/model.gguf" };
  await expectRefusal(options, "E_NOT_FOUND", "/nowhere/model.gguf");
  await expectRefusal({ dataset, base: await truncatedModel() }, "E_TRUNCATED", "truncated.gguf");
  await expectRefusal({ dataset, base: await unsupportedModel() }, "E_UNSUPPORTED", '"bert"');
  const base = join(dataset, "dataset.json");
  await expectRefusal({ dataset, base }, "E_INPUT", "not a GGUF file");
});

test("a dataset that is missing, cut off, of another format version, or contradicts itself", async () => {
  await expectRefusal({ dataset: "/nowhere" }, "E_NOT_FOUND", "/nowhere/dataset.json");
  const { folder } = await writeDataset();
  const copy = () => {
    const dataset = temporaryFolder();
    cpSync(folder, dataset, { recursive: true });
    return dataset;
  };
  const cut = copy();
  truncateSync(join(cut, "train.safetensors"), 1000);
  await expectRefusal({ dataset: cut }, "E_TRUNCATED", "train.safetensors");
  const future = copy();
  edit(future, (description) => {
    description.schema_version = "2.0.0";
  });
  await expectRefusal({ dataset: future }, "E_SCHEMA_VERSION", "2.0.0");
  const short = copy();
  edit(short, (description) => {
    description.sequence_length = 20;
  });
  await expectRefusal({ dataset: short }, "E_INPUT", "a sequence of 32 tokens");
  const { folder: empty } = await writeDataset({ train: [] });
  await expectRefusal({ dataset: empty }, "E_TOO_SMALL", "train");
});

test("options that make no model or no batch", async () => {
  const { folder: dataset } = await writeDataset();
  await expectRefusal({ dataset, heads: 5 }, "E_USAGE", "5 heads");
  await expectRefusal({ dataset, heads: 4, keyValueHeads: 3 }, "E_USAGE", "3 of keys");
  await expectRefusal({ dataset, batchSize: 1.5 }, "E_USAGE", "1.5 sequences");
  const outputDir = join(dataset, "dataset.json", "model");
  await expectRefusal({ dataset, outputDir }, "E_OUTPUT", "dataset.json");
});
