import { type GgufMetadata, type GgufValue, GgufWriter } from "@repotune/ggml";
import type { WrittenFile } from "@repotune/schema";
import type { Model } from "../model/model.ts";

type GgufEntries = readonly (readonly [string, GgufValue])[];

/** `enum llama_ftype` (llama.h). */
const ALL_F32 = 0;

/** Keys that tell how a file's weights were rounded, which those of a trained one are not. */
const ROUNDING_KEYS = /^(general\.quantiz|general\.file_type$|quantize\.imatrix\.)/;

/**
 * What a model trained from scratch says of itself.
 *
 * @param vocabulary `tokenizer.ggml.*` entries.
 */
export const scratchMetadata = (
  { config, architecture }: Model,
  vocabulary: GgufEntries,
): GgufEntries => [
  ["general.architecture", { type: "string", value: config.architecture }],
  ["general.name", { type: "string", value: "repotune" }],
  ["general.file_type", { type: "u32", value: ALL_F32 }],
  ...architecture.writeConfig(config),
  ...vocabulary,
];

/** What a model with the weights of a base, trained further, says of itself: what the base did. */
export const trainedBaseMetadata = (base: GgufMetadata): GgufEntries => [
  ...[...base].filter(([key]) => !ROUNDING_KEYS.test(key)),
  ["general.file_type", { type: "u32", value: ALL_F32 }],
];

/** Writes a whole model, in `F32`, and so exactly what was trained. */
export async function writeModel(
  path: string,
  model: Model,
  metadata: GgufEntries,
): Promise<WrittenFile> {
  const weights = [...model.weights];
  const writer = await GgufWriter.create(
    path,
    metadata,
    weights.map(({ name, tensor }) => ({
      name,
      type: "F32" as const,
      shape: tensor.shape.slice(0, tensor.shape[1] === 1 ? 1 : 2),
    })),
  );
  for (const { name, tensor } of weights) await writer.write(name, tensor.read());
  return writer.commit();
}
