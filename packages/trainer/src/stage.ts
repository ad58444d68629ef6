import { join } from "node:path";
import { modelPaths } from "@repotune/ggml";
import { defineStage, producerOf } from "@repotune/schema";
import { TrainOptionsSchema, trainingKind } from "./options.ts";
import { outputName } from "./output/output-name.ts";
import { rehearsalSummary } from "./plan/rehearsal-summary.ts";

/** The stage `train`: from a dataset to a model or an adapter. */
export const stage = defineStage({
  producer: producerOf(import.meta.url),
  verb: "train",
  summary: "Train a small new model, or a LoRA adapter for a GGUF model, on a dataset.",
  options: TrainOptionsSchema,
  incidental: [
    "dataset",
    "replayDataset",
    "outputDir",
    "checkpointEvery",
    "samples",
    "dryRun",
    "device",
    "threads",
  ],
  inputs: ({ dataset, base, adapter, replayDataset }) => [
    join(dataset, "dataset.json"),
    ...["train", "validation", "test"].map((split) => join(dataset, `${split}.safetensors`)),
    ...(base === "scratch" ? [] : modelPaths(base)),
    ...(adapter === "" ? [] : [adapter]),
    ...(replayDataset === ""
      ? []
      : ["dataset.json", "train.safetensors"].map((file) => join(replayDataset, file))),
  ],
  outputs: (options) => [
    join(options.outputDir, outputName(trainingKind(options))),
    ...(trainingKind(options) === "lora" && options.merge !== "none"
      ? [join(options.outputDir, "model.gguf")]
      : []),
    join(options.outputDir, "training_report.json"),
  ],
  async run(options, context) {
    // Loaded when it is needed, so that --help is quick.
    const { rehearseInChild, trainInChild } = await import("./child/train-in-child.ts");
    if (options.dryRun) return rehearsalSummary(await rehearseInChild(options, context));
    const report = await trainInChild(options, context);
    const { before, best } = report.validation;
    return {
      output: join(options.outputDir, report.output),
      steps: report.steps,
      epochs: Number(report.epochs.toFixed(3)),
      trained_weights: report.parameters.trained,
      validation_loss: Number(best.loss.toFixed(4)),
      bits_per_byte_before: Number(before.bits_per_byte.toFixed(4)),
      bits_per_byte: Number(best.bits_per_byte.toFixed(4)),
      test_bits_per_byte: report.test && Number(report.test.bits_per_byte.toFixed(4)),
      tokens_per_second: Math.round(report.tokens_per_second),
      stop_reason: report.stop_reason,
    };
  },
});
