import { Allocation, type Device, type Tensor, type TensorSpec } from "@repotune/ggml";

/** What a parameter is, before it has memory. */
export interface ParameterSpec {
  /** Name of the weight in GGUF; of a LoRA factor, with `.lora_a` or `.lora_b` appended. */
  name: string;
  shape: readonly number[];
  /** Whether weight decay applies: to matrices, not to norms. */
  isDecayed: boolean;
}

/** Trainable numbers with their gradient and AdamW's two running means, all `F32` of one shape. */
export interface Parameter extends ParameterSpec {
  value: Tensor;
  gradient: Tensor;
  mean: Tensor;
  variance: Tensor;
}

/** The parameters of a model, in memory of a device. */
export class ParameterStore {
  readonly all: readonly Parameter[];
  readonly #byName: ReadonlyMap<string, Parameter>;
  readonly #allocation: Allocation;

  /** Reserves memory; values are undefined, everything else is zero. */
  constructor(device: Device, specs: readonly ParameterSpec[]) {
    const parts = ["value", "gradient", "mean", "variance"] as const;
    this.#allocation = new Allocation(
      device,
      Object.fromEntries(
        specs.flatMap(({ name, shape }) =>
          parts.map((part): [string, TensorSpec] => [`${name} ${part}`, ["F32", shape]]),
        ),
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
