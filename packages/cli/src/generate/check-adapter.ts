import { StageError } from "@repotune/schema";
import { type ModelHeader, openHeader } from "./inspect-model.ts";

const LORA_TENSOR = /^(.+)\.lora_([ab])$/;

type Shape = readonly number[];

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
  for (const name of tensors.keys()) {
    const [, target = "", half] = LORA_TENSOR.exec(name) ?? [];
    if (half === undefined) throw mismatch(path, model, `its tensor "${name}" is none of LoRA's`);
    if (half === "b" && tensors.has(`${target}.lora_a`)) continue;
    const a = tensors.get(`${target}.lora_a`)?.shape;
    const b = tensors.get(`${target}.lora_b`)?.shape;
    const base = model.tensors.get(target)?.shape;
    if (!base) throw mismatch(path, model, `the model has no tensor "${target}"`);
    if (a && b && fits(target, a, b, base)) continue;
    const [inA, inB, inBase] = [a, b, base].map((shape) => shape?.join("×") ?? "absent");
    throw mismatch(
      path,
      model,
      `lora_a and lora_b of "${target}" are ${inA} and ${inB}, the model's tensor is ${inBase}`,
    );
  }
}

function fits(target: string, a: Shape, b: Shape, base: Shape): boolean {
  return target === "token_embd.weight"
    ? a[1] === base[1] && b[1] === base[0]
    : a[0] === base[0] && b[1] === base[1] && a[1] === b[0];
}

const mismatch = (path: string, model: ModelHeader, why: string) =>
  new StageError("E_MISMATCH", `${path} does not belong to ${model.path}: ${why}.`, {
    hint: "Give the model that the adapter was trained on.",
  });
