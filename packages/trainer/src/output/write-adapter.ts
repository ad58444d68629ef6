import { GgufWriter } from "@repotune/ggml";
import type { WrittenFile } from "@repotune/schema";
import type { Model } from "../model/model.ts";

/**
 * Writes the low-rank corrections as llama.cpp reads them: `<weight>.lora_a` `[in, rank]` and
 * `<weight>.lora_b` `[rank, out]`, scaled by alpha / rank (llama-adapter.cpp).
 */
export async function writeAdapter(
  path: string,
  model: Model,
  alpha: number,
): Promise<WrittenFile> {
  const { architecture } = model.config;
  const writer = await GgufWriter.create(
    path,
    [
      ["general.type", { type: "string", value: "adapter" }],
      ["general.architecture", { type: "string", value: architecture }],
      ["adapter.type", { type: "string", value: "lora" }],
      ["adapter.lora.alpha", { type: "f32", value: alpha }],
    ],
    model.parameters.all.map(({ name, shape }) => ({ name, shape, type: "F32" as const })),
  );
  for (const { name, value } of model.parameters.all) await writer.write(name, value.read());
  return writer.commit();
}
