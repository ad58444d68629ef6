import type { Device } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import type { Architecture } from "../architectures/architecture.ts";
import { Random } from "../random.ts";
import type { AdapterFile } from "./adapter-file.ts";
import type { FrozenWeight } from "./frozen-weights.ts";
import type { Weight } from "./model.ts";
import { type MomentType, ParameterStore } from "./parameter.ts";

/** Which low-rank corrections a frozen model gets. */
export interface LoraOptions {
  rank: number;
  /** The correction is scaled by alpha / rank. */
  alpha: number;
  /** Matrices to correct in each layer, e.g. `attn_q`; undefined: all that the model has. */
  targets: readonly string[] | undefined;
  seed: number;
  /**
   * Learning rate of B, as a multiple of that of A (LoRA+, Hayou et al.,
   * https://arxiv.org/abs/2402.12354).
   *
   * @default 1
   */
  rateRatio?: number | undefined;
  /** Share of the corrections' inputs that are left out in training. @default 0 */
  dropout?: number | undefined;
  /** How AdamW's running means are stored. @default "f32" */
  moments?: MomentType | undefined;
  /** An adapter to begin with; its rank, alpha and weights count instead of those above. */
  adapter?: AdapterFile | undefined;
}

/**
 * The alpha with which alpha / rank gives alpha / √rank, the scale that keeps corrections of all ranks
 * equally large (rsLoRA, Kalajdzievski, https://arxiv.org/abs/2312.03732): programs that read adapters
 * know but alpha / rank.
 */
export const rankStabilizedAlpha = (alpha: number, rank: number): number => alpha * Math.sqrt(rank);

/**
 * Adds low-rank corrections to a frozen model; they are zero at first, or those of an adapter.
 *
 * @throws {StageError} `E_USAGE` for a target that the architecture lacks.
 */
export async function addLora(
  device: Device,
  { loraTargets }: Architecture,
  frozen: readonly FrozenWeight[],
  options: LoraOptions,
): Promise<{ parameters: ParameterStore; weights: Weight[] }> {
  const { adapter, targets, seed, rateRatio = 1, moments } = options;
  const { rank, alpha } = adapter ?? options;
  const stranger = targets?.find((target) => !loraTargets.includes(target));
  if (stranger !== undefined) {
    throw new StageError("E_USAGE", `There is no LoRA target "${stranger}".`, {
      hint: `Known are ${loraTargets.join(", ")}.`,
    });
  }
  const wanted = new Set(targets ?? loraTargets);
  const isTarget = (name: string) =>
    adapter?.weights.has(name) ?? wanted.has(/^blk\.\d+\.(\w+)\.weight$/.exec(name)?.[1] ?? "");
  const parameters = new ParameterStore(
    device,
    frozen
      .filter(({ name }) => isTarget(name))
      .flatMap(({ name, tensor: { shape } }) => [
        { name: `${name}.lora_a`, shape: [shape[0], rank], isDecayed: true },
        { name: `${name}.lora_b`, shape: [rank, shape[1]], isDecayed: true, rateFactor: rateRatio },
      ]),
    moments,
  );
  const random = new Random(seed);
  // A dry device keeps no values, and there may be millions.
  for (const { name, value, shape } of device.isDry ? [] : parameters.all) {
    // B is zero, so that training starts from the base itself; A as torch initialises matrices.
    const bound = name.endsWith("lora_a") ? 1 / Math.sqrt(shape[0] as number) : 0;
    value.write(new Float32Array(value.elements).map(() => bound * (2 * random.uniform() - 1)));
  }
  if (adapter && !device.isDry) await adapter.load(parameters);
  const weights = frozen.map((weight): Weight => {
    const a = parameters.get(`${weight.name}.lora_a`);
    const b = parameters.get(`${weight.name}.lora_b`);
    return a && b ? { ...weight, lora: { a, b, scale: alpha / rank } } : weight;
  });
  return { parameters, weights };
}
