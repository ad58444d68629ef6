import { GgufWriter } from "@repotune/ggml";
import { StageError, type WrittenFile } from "@repotune/schema";
import type { Model } from "../model/model.ts";

/**
 * Writes the low-rank corrections as llama.cpp reads them: `<weight>.lora_a` `[in, rank]` and
 * `<weight>.lora_b` `[rank, out]`, scaled by alpha / rank (llama-adapter.cpp).
 */
export async function writeAdapter(path: string, model: Model): Promise<WrittenFile> {
  const { architecture } = model.config;
  const { scale, rank } = correctionOf(model);
  const writer = await GgufWriter.create(
    path,
    [
      ["general.type", { type: "string", value: "adapter" }],
      ["general.architecture", { type: "string", value: architecture }],
      ["adapter.type", { type: "string", value: "lora" }],
      ["adapter.lora.alpha", { type: "f32", value: scale * rank }],
    ],
    model.parameters.all.map(({ name, shape }) => ({ name, shape, type: "F32" as const })),
  );
  for (const { name, value } of model.parameters.all) await writer.write(name, value.read());
  return writer.commit();
}

/** Scale and rank, which all corrections share. */
function correctionOf(model: Model): { scale: number; rank: number } {
  for (const { lora } of model.weights) {
    if (lora) return { scale: lora.scale, rank: lora.a.shape[1] as number };
  }
  throw new StageError("E_INTERNAL", "The model has no low-rank corrections to write.");
}
