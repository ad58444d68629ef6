import type { Device } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import type { Architecture } from "../architectures/architecture.ts";
import type { ModelConfig } from "./config.ts";
import type { FrozenWeight, FrozenWeights } from "./frozen-weights.ts";
import type { Parameter, ParameterStore } from "./parameter.ts";

/** Low-rank correction of a frozen matrix (Hu et al., https://arxiv.org/abs/2106.09685). */
interface Lora {
  /** `[in, rank]` */
  a: Parameter;
  /** `[rank, out]` */
  b: Parameter;
  /** alpha / rank */
  scale: number;
}

/** A weight of the model: frozen, frozen with a low-rank correction, or trained. */
export interface Weight extends FrozenWeight {
  /** Set if the weight itself is trained; its `value` is then `tensor`. */
  parameter?: Parameter;
  lora?: Lora;
}

/** Bytes that a model takes. */
export interface ModelMemory {
  /** Frozen weights, as the file has them or packed. */
  weights: number;
  /** Transposes of frozen weights that are kept. */
  transposed: number;
  /** Token embedding in the host's memory, while the device has one of its own. */
  host: number;
  /** Trained values with their gradients and means. */
  parameters: number;
}

/** A model on a device. */
export class Model {
  readonly device: Device;
  readonly config: ModelConfig;
  readonly architecture: Architecture;
  readonly parameters: ParameterStore;
  /** Share of the low-rank corrections' inputs that are left out in training. */
  readonly dropout: number;
  readonly #weights: ReadonlyMap<string, Weight>;
  readonly #frozen: FrozenWeights | undefined;

  constructor(parts: {
    device: Device;
    config: ModelConfig;
    architecture: Architecture;
    parameters: ParameterStore;
    weights: readonly Weight[];
    /** Memory of the weights that are not trained. */
    frozen?: FrozenWeights | undefined;
    /** @default 0 */
    dropout?: number | undefined;
  }) {
    this.device = parts.device;
    this.config = parts.config;
    this.architecture = parts.architecture;
    this.parameters = parts.parameters;
    this.dropout = parts.dropout ?? 0;
    this.#weights = new Map(parts.weights.map((weight) => [weight.name, weight]));
    this.#frozen = parts.frozen;
  }

  /** Weights of the model, without low-rank corrections. */
  get weightCount(): number {
    return [...this.#weights.values()].reduce((sum, { tensor }) => sum + tensor.elements, 0);
  }

  get weights(): Iterable<Weight> {
    return this.#weights.values();
  }

  /** Whether the token embedding is also the output matrix. */
  get isTied(): boolean {
    return !this.#weights.has("output.weight");
  }

  /** The weight `name` of GGUF, if the model has it. */
  find(name: string): Weight | undefined {
    return this.#weights.get(name);
  }

  /** The weight `name` of GGUF. */
  weight(name: string): Weight {
    const weight = this.find(name);
    if (weight) return weight;
    throw new StageError("E_INTERNAL", `The model has no weight "${name}".`);
  }

  /** The output matrix `[d, vocabulary]`. */
  get output(): Weight {
    return this.weight(this.isTied ? "token_embd.weight" : "output.weight");
  }

  /** Bytes of the weights and parameters on the device. */
  get memory(): ModelMemory {
    return {
      weights: this.#frozen?.bytes ?? 0,
      transposed: this.#frozen?.transposedBytes ?? 0,
      host: this.#frozen?.hostBytes ?? 0,
      parameters: this.parameters.bytes,
    };
  }

  dispose(): void {
    this.parameters.dispose();
    this.#frozen?.dispose();
  }
}
