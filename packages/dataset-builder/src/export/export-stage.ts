import { join } from "node:path";
import { defineStage } from "@repotune/schema";
import { producer } from "../producer.ts";
import { ExportOptionsSchema } from "./options.ts";

/** Writes a dataset in a format that other software reads. Not a step of a run: made on demand. */
export const exportStage = defineStage({
  producer,
  verb: "export",
  summary: "Write a dataset as Parquet, JSONL, safetensors, npy or text, for other trainers.",
  options: ExportOptionsSchema,
  incidental: ["dataset", "outputDir", "tokenizer", "estimate"],
  inputs: ({ dataset }) => [join(dataset, "dataset.json")],
  outputs: ({ outputDir }) => [join(outputDir, "export.json")],
  run: async (options, context) => {
    const { exportDataset } = await import("./export-dataset.ts");
    const { estimatedBytes, sides } = await exportDataset(options, producer, context);
    if (options.estimate) return { estimated_bytes: estimatedBytes };
    const files = sides.flatMap(({ files }) => files);
    return {
      ...Object.fromEntries(sides.map(({ side, examples }) => [side, examples])),
      tokens: sides.reduce((sum, { tokens }) => sum + tokens, 0),
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  },
});
