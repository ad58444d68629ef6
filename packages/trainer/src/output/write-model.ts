import { type GgufValue, GgufWriter } from "@repotune/ggml";
import type { WrittenFile } from "@repotune/schema";
import type { Model } from "../model/model.ts";

/** `enum llama_ftype` (llama.h). */
const ALL_F32 = 0;

/**
 * Writes a whole model, in `F32`: it is small, and so gives exactly what it was trained to.
 *
 * @param vocabulary `tokenizer.ggml.*` entries.
 */
export async function writeModel(
  path: string,
  model: Model,
  vocabulary: readonly (readonly [string, GgufValue])[],
): Promise<WrittenFile> {
  const { config, architecture } = model;
  const weights = [...model.weights];
  const writer = await GgufWriter.create(
    path,
    [
      ["general.architecture", { type: "string", value: config.architecture }],
      ["general.name", { type: "string", value: "repotune" }],
      ["general.file_type", { type: "u32", value: ALL_F32 }],
      ...architecture.writeConfig(config),
      ...vocabulary,
    ],
    weights.map(({ name, tensor }) => ({
      name,
      type: "F32" as const,
      shape: tensor.shape.slice(0, tensor.shape[1] === 1 ? 1 : 2),
    })),
  );
  for (const { name, tensor } of weights) await writer.write(name, tensor.read());
  return writer.commit();
}
