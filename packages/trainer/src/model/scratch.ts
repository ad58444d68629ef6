import type { Device } from "@repotune/ggml";
import type { Architecture } from "../architectures/architecture.ts";
import { Random } from "../random.ts";
import type { ModelConfig } from "./config.ts";
import { Model } from "./model.ts";
import { type MomentType, type Parameter, ParameterStore } from "./parameter.ts";

/** Standard deviation of a fresh weight (GPT-2, and llama.cpp's and nanoGPT's models since). */
const INITIAL_DEVIATION = 0.02;

/** Where a new model differs from one of the same sizes. */
export interface ScratchOptions {
  /** Uses the token embedding as the output matrix, too. */
  isTied: boolean;
  seed: number;
  /** How AdamW's running means are stored. @default "f32" */
  moments?: MomentType;
}

/** Creates a model of random weights, all of them trained. */
export function createModel(
  device: Device,
  architecture: Architecture,
  config: ModelConfig,
  { isTied, seed, moments }: ScratchOptions,
): Model {
  const specs = architecture
    .weights(config)
    .filter(({ name, isOptional }) => !isOptional || (name === "output.weight" && !isTied))
    .map(({ name, shape }) => ({ name, shape, isDecayed: shape.length > 1 }));
  const parameters = new ParameterStore(device, specs, moments);
  const random = new Random(seed);
  // A dry device keeps no values, and there may be millions.
  for (const parameter of device.isDry ? [] : parameters.all) {
    parameter.value.write(initialValues(parameter, config.layers, random));
  }
  const weights = parameters.all.map((parameter) => ({
    name: parameter.name,
    tensor: parameter.value,
    parameter,
  }));
  return new Model({ device, config, architecture, parameters, weights });
}

function initialValues({ name, shape, value }: Parameter, layers: number, random: Random) {
  const values = new Float32Array(value.elements);
  if (name.endsWith(".bias")) return values; // zeros
  if (shape.length === 1) return values.fill(1); // norms
  // What adds to the residual stream is smaller, so that depth does not increase its variance.
  const isResidual = /attn_output|ffn_down/.test(name);
  const deviation = INITIAL_DEVIATION / (isResidual ? Math.sqrt(2 * layers) : 1);
  return values.map(() => deviation * random.normal());
}
