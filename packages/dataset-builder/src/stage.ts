import { existsSync } from "node:fs";
import { join } from "node:path";
import { commitsLineagePath, defineStage, hashFile } from "@repotune/schema";
import { BuildOptionsSchema } from "./options.ts";
import { producer } from "./producer.ts";

/** Turns a token stream into a dataset split in time. */
export const stage = defineStage({
  producer,
  verb: "build",
  summary: "Split the history in time, and lay out training sequences on each side.",
  options: BuildOptionsSchema,
  incidental: ["tokens", "commits", "outputDir"],
  inputs: ({ tokens, commits }) => [join(tokens, "tokens.safetensors"), commits],
  // The split goes by branches, and they move.
  fingerprint: async ({ commits }) => {
    const lineage = commitsLineagePath(commits);
    return existsSync(lineage) ? hashFile(lineage) : "";
  },
  outputs: ({ outputDir }) =>
    ["dataset.json", "train.safetensors", "validation.safetensors", "test.safetensors"].map(
      (name) => join(outputDir, name),
    ),
  inspect: async function* ({ outputDir }, view) {
    const { inspectDataset } = await import("./inspect/inspect-dataset.ts");
    yield* inspectDataset(outputDir, view);
  },
  run: async (options, context) => {
    const { buildDataset } = await import("./build-dataset.ts");
    const { splits, dropped } = await buildDataset(options, producer, context);
    return {
      train: splits.train.sequences,
      validation: splits.validation.sequences,
      test: splits.test.sequences,
      train_tokens: splits.train.tokens,
      dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0),
    };
  },
});
