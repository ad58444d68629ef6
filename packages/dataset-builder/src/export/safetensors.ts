import { join } from "node:path";
import { SafetensorsWriter, SCHEMA_VERSION, StageError, throwIfAborted } from "@repotune/schema";
import { rowExamples } from "./examples.ts";
import type { ExportedSide, ExportJob } from "./export-job.ts";
import type { OpenDataset, OpenSide } from "./open-dataset.ts";
import { rowTokens } from "./parquet.ts";

/** Bytes of a token in the file: its id and its mask. */
export const WINDOW_TOKEN_BYTES = 5;

/** Lengths of context and target in the windows of a dataset. */
export function windowShape({ description }: OpenDataset): { context: number; target: number } {
  const { objective, options, sequence_length } = description;
  const target = Number(options.target_length);
  if (objective === "context-target" && target > 0) {
    return { context: sequence_length - target, target };
  }
  throw new StageError(
    "E_USAGE",
    "This dataset has no contexts and targets: its objective is causal.",
    {
      hint: "Build it with --objective context-target, or export it with --format parquet.",
    },
  );
}

/**
 * Writes a side's windows as four tensors: `contexts` and `targets`, I32, and `context_masks` and
 * `target_masks`, U8: 1 for a token that is there, and for one that is to be predicted. A context
 * that is too short is padded at its beginning with id 0.
 */
export async function exportSafetensors(job: ExportJob, side: OpenSide): Promise<ExportedSide> {
  const { dataset, options, context, createdBy } = job;
  const shape = windowShape(dataset);
  const rows = side.rows.length / 3;
  const name = `${side.side}.safetensors`;
  const writer = new SafetensorsWriter(join(options.outputDir, name));
  try {
    await writer.append("contexts", "I32", new Int32Array());
    await writer.append("targets", "I32", new Int32Array());
    for await (const { ids, lossWeights, predictFrom } of rowExamples(side)) {
      throwIfAborted(context.signal);
      const contexts = new Int32Array(shape.context);
      const contextMask = new Uint8Array(shape.context);
      contexts.set(ids.subarray(0, predictFrom), shape.context - predictFrom);
      contextMask.fill(1, shape.context - predictFrom);
      const targetMask = Uint8Array.from(lossWeights.subarray(predictFrom), (weight) =>
        weight >= options.minLossWeight ? 1 : 0,
      );
      await writer.append("contexts", "I32", contexts);
      await writer.append("targets", "I32", Int32Array.from(ids.subarray(predictFrom)));
      await writer.append("context_masks", "U8", contextMask);
      await writer.append("target_masks", "U8", targetMask);
      job.count(1);
    }
    const metadata = { format: "pt", schema_version: SCHEMA_VERSION, producer: createdBy };
    const written = await writer.commit(metadata, {
      contexts: [rows, shape.context],
      targets: [rows, shape.target],
      context_masks: [rows, shape.context],
      target_masks: [rows, shape.target],
    });
    const files = [{ ...written, path: name }];
    return { side: side.side, files, examples: rows, tokens: rowTokens(side) };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}
