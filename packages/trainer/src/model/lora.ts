import type { Device } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import type { Architecture } from "../architectures/architecture.ts";
import { Random } from "../random.ts";
import type { FrozenWeight } from "./frozen-weights.ts";
import type { Weight } from "./model.ts";
import { ParameterStore } from "./parameter.ts";

/** Which low-rank corrections a frozen model gets. */
export interface LoraOptions {
  rank: number;
  /** The correction is scaled by alpha / rank. */
  alpha: number;
  /** Matrices to correct in each layer, e.g. `attn_q`; undefined: all that the model has. */
  targets: readonly string[] | undefined;
  seed: number;
}

/**
 * Adds low-rank corrections to a frozen model; they are zero at first.
 *
 * @throws {StageError} `E_USAGE` for a target that the architecture lacks.
 */
export function addLora(
  device: Device,
  { loraTargets }: Architecture,
  frozen: readonly FrozenWeight[],
  { rank, alpha, targets, seed }: LoraOptions,
): { parameters: ParameterStore; weights: Weight[] } {
  const stranger = targets?.find((target) => !loraTargets.includes(target));
  if (stranger !== undefined) {
    throw new StageError("E_USAGE", `There is no LoRA target "${stranger}".`, {
      hint: `Known are ${loraTargets.join(", ")}.`,
    });
  }
  const wanted = new Set(targets ?? loraTargets);
  const isTarget = (name: string) => wanted.has(/^blk\.\d+\.(\w+)\.weight$/.exec(name)?.[1] ?? "");
  const parameters = new ParameterStore(
    device,
    frozen
      .filter(({ name }) => isTarget(name))
      .flatMap(({ name, tensor: { shape } }) => [
        { name: `${name}.lora_a`, shape: [shape[0], rank], isDecayed: true },
        { name: `${name}.lora_b`, shape: [rank, shape[1]], isDecayed: true },
      ]),
  );
  const random = new Random(seed);
  // A dry device keeps no values, and there may be millions.
  for (const { name, value, shape } of device.isDry ? [] : parameters.all) {
    // B is zero, so that training starts from the base itself; A as torch initialises matrices.
    const bound = name.endsWith("lora_a") ? 1 / Math.sqrt(shape[0] as number) : 0;
    value.write(new Float32Array(value.elements).map(() => bound * (2 * random.uniform() - 1)));
  }
  const weights = frozen.map((weight): Weight => {
    const a = parameters.get(`${weight.name}.lora_a`);
    const b = parameters.get(`${weight.name}.lora_b`);
    return a && b ? { ...weight, lora: { a, b, scale: alpha / rank } } : weight;
  });
  return { parameters, weights };
}
