import { GgufFile } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import type { Model } from "../model/model.ts";

/**
 * Reads the corrections of an `adapter.gguf` into a model that has corrections of the same shapes.
 *
 * @throws {StageError} `E_MISMATCH` if its tensors are not those of the model.
 */
export async function readAdapter(path: string, { parameters }: Model): Promise<void> {
  const file = await GgufFile.open(path);
  try {
    for (const { name, shape, value } of parameters.all) {
      const info = file.tensor(name);
      if (info.type !== "F32" || info.shape.join() !== shape.join()) {
        throw new StageError(
          "E_MISMATCH",
          `${path} has "${name}" as ${info.type} ${info.shape.join(" × ")}; the training had F32 ${shape.join(" × ")}.`,
        );
      }
      value.write(await file.read(info));
    }
    if (file.tensors.size !== parameters.all.length) {
      throw new StageError(
        "E_MISMATCH",
        `${path} has ${file.tensors.size} tensors; the training had ${parameters.all.length}.`,
      );
    }
  } finally {
    await file.close();
  }
}
