import { Allocation, type Device, type Tensor, type TensorSpec } from "@repotune/ggml";

/** What a parameter is, before it has memory. */
export interface ParameterSpec {
  /** Name of the weight in GGUF; of a LoRA factor, with `.lora_a` or `.lora_b` appended. */
  name: string;
  shape: readonly number[];
  /** Whether weight decay applies: to matrices, not to norms. */
  isDecayed: boolean;
  /**
   * Factor on its learning rate.
   *
   * @default 1
   */
  rateFactor?: number;
}

/** Trainable numbers with their gradient, `F32` of one shape, and AdamW's two running means. */
export interface Parameter extends ParameterSpec {
  value: Tensor;
  gradient: Tensor;
  /** Mean of the gradients; `F32` of their shape, or `Q8_0` with as many elements. */
  mean: Tensor;
  /** Mean of their squares; in `Q8_0` its fourth root. */
  variance: Tensor;
}

/** How AdamW's running means are stored. */
export type MomentType = "f32" | "8bit";

/** Elements that share a scale in `Q8_0`. */
const BLOCK = 32;

/** Type and shape of a running mean. Where no whole blocks fill it, it stays `F32`: it is small. */
function momentSpec(shape: readonly number[], type: MomentType): TensorSpec {
  const elements = shape.reduce((product, n) => product * n, 1);
  if (type === "f32" || elements % BLOCK !== 0) return ["F32", shape];
  const [columns = 1] = shape;
  return ["Q8_0", columns % BLOCK === 0 ? shape : [BLOCK, elements / BLOCK]];
}

/** The parameters of a model, in memory of a device. */
export class ParameterStore {
  readonly all: readonly Parameter[];
  readonly #byName: ReadonlyMap<string, Parameter>;
  readonly #allocation: Allocation;

  /** Reserves memory; values are undefined, everything else is zero. */
  constructor(device: Device, specs: readonly ParameterSpec[], moments: MomentType = "f32") {
    this.#allocation = new Allocation(
      device,
      Object.fromEntries(
        specs.flatMap(({ name, shape }): [string, TensorSpec][] => [
          [`${name} value`, ["F32", shape]],
          [`${name} gradient`, ["F32", shape]],
          [`${name} mean`, momentSpec(shape, moments)],
          [`${name} variance`, momentSpec(shape, moments)],
        ]),
      ),
    );
    const tensor = (name: string) => this.#allocation.tensors[name] as Tensor;
    this.all = specs.map((spec) => ({
      ...spec,
      value: tensor(`${spec.name} value`),
      gradient: tensor(`${spec.name} gradient`),
      mean: tensor(`${spec.name} mean`),
      variance: tensor(`${spec.name} variance`),
    }));
    this.#byName = new Map(this.all.map((parameter) => [parameter.name, parameter]));
    for (const { gradient, mean, variance } of this.all) {
      for (const part of [gradient, mean, variance]) part.clear();
    }
  }

  /** Trainable numbers in all. */
  get count(): number {
    return this.all.reduce((sum, { value }) => sum + value.elements, 0);
  }

  get bytes(): number {
    return this.#allocation.bytes;
  }

  get(name: string): Parameter | undefined {
    return this.#byName.get(name);
  }

  clearGradients(): void {
    for (const { gradient } of this.all) gradient.clear();
  }

  dispose(): void {
    this.#allocation.dispose();
  }
}
