import { StageError } from "@repotune/schema";
import { type ModelHeader, openHeader } from "./inspect-model.ts";

const SUFFIX = /\.lora_([ab])$/;

/**
 * Checks that a LoRA adapter fits on a model.
 *
 * Each pair `<weight>.lora_a` `[in, rank]`, `<weight>.lora_b` `[rank, out]` belongs to a weight
 * `[in, out]` of the base; for the token embedding, which is looked up and not multiplied, llama.cpp
 * has `[out, rank]` and `[rank, in]`.
 *
 * @throws {StageError} what reading the file throws; `E_INPUT` if it is no adapter, `E_UNSUPPORTED`
 *   for another kind than LoRA, `E_MISMATCH` if it was made for another base.
 */
export async function checkAdapter(path: string, model: ModelHeader): Promise<void> {
  const { metadata, tensors } = await openHeader(path);
  const kind = metadata.string("general.type", "model");
  if (kind !== "adapter") {
    throw new StageError("E_INPUT", `${path} is no adapter but of the type "${kind}".`, {
      hint: kind === "model" ? "A whole model needs no base: give it as the model." : undefined,
    });
  }
  const method = metadata.string("adapter.type");
  if (method !== "lora") {
    throw new StageError("E_UNSUPPORTED", `${path} is an adapter of the type "${method}".`, {
      hint: "Only LoRA adapters can be applied.",
    });
  }
  const architecture = metadata.string("general.architecture");
  if (architecture !== model.architecture) {
    throw mismatch(
      path,
      model,
      `its architecture is "${architecture}", the model's "${model.architecture}"`,
    );
  }
  for (const [name, { shape }] of tensors) {
    const half = SUFFIX.exec(name)?.[1];
    const target = name.replace(SUFFIX, "");
    const base = model.tensors.get(target);
    if (half === undefined) throw mismatch(path, model, `its tensor "${name}" is none of LoRA`);
    if (!base) throw mismatch(path, model, `the model has no tensor "${target}"`);
    const [inner, outer] = target === "token_embd.weight" ? [1, 0] : [0, 1];
    const [free, expected] =
      half === "a"
        ? [shape[target === "token_embd.weight" ? 1 : 0], base.shape[inner]]
        : [shape[1], base.shape[outer]];
    if (free !== expected) {
      throw mismatch(
        path,
        model,
        `"${name}" is ${shape.join("×")}, which does not fit "${target}", ${base.shape.join("×")}`,
      );
    }
  }
}

const mismatch = (path: string, model: ModelHeader, why: string) =>
  new StageError("E_MISMATCH", `${path} does not belong to ${model.path}: ${why}.`, {
    hint: "Give the model that the adapter was trained on.",
  });
