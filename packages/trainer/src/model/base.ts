import {
  Allocation,
  type Device,
  dequantizeRows,
  type GgmlType,
  GgufFile,
  type GgufTensorInfo,
  type TensorSpec,
} from "@repotune/ggml";
import { StageError, vocabularyHash } from "@repotune/schema";
import type { Architecture, WeightSpec } from "../architectures/architecture.ts";
import { architectureOf } from "../architectures/registry.ts";
import { Random } from "../random.ts";
import type { ModelConfig } from "./config.ts";
import { Model, type Weight } from "./model.ts";
import { ParameterStore } from "./parameter.ts";

/** Types of frozen weights whose gradients are tested. */
const WEIGHT_TYPES: readonly GgmlType[] = ["F32", "F16", "BF16", "Q8_0", "Q4_K", "Q5_K", "Q6_K"];
const COPY_BYTES = 64 << 20;

/** Which low-rank corrections a frozen model gets. */
export interface LoraOptions {
  rank: number;
  /** The correction is scaled by alpha / rank. */
  alpha: number;
  /** Matrices to correct in each layer, e.g. `attn_q`; undefined: all that the model has. */
  targets: readonly string[] | undefined;
  seed: number;
}

/** A GGUF file that was checked to be a base for training. */
export class BaseModelFile {
  readonly path: string;
  readonly config: ModelConfig;
  readonly architecture: Architecture;
  /** Identity of its vocabulary, as datasets record it. */
  readonly vocabularyHash: string;
  readonly #file: GgufFile;
  readonly #specs: readonly WeightSpec[];

  private constructor(file: GgufFile, architecture: Architecture, tokens: readonly string[]) {
    this.path = file.path;
    this.#file = file;
    this.architecture = architecture;
    this.config = architecture.readConfig(file.metadata, tokens.length);
    this.vocabularyHash = vocabularyHash(tokens);
    this.#specs = architecture
      .weights(this.config)
      .filter(({ name, isOptional }) => !isOptional || file.tensors.has(name));
    this.#check();
  }

  /**
   * Opens a model file and checks that it can be trained.
   *
   * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` or `E_TRUNCATED` for a broken file;
   *   `E_UNSUPPORTED` for an architecture, a weight or a type that the trainer does not know.
   */
  static async open(path: string): Promise<BaseModelFile> {
    const file = await GgufFile.open(path);
    try {
      const architecture = architectureOf(file.metadata.string("general.architecture"), path);
      return new BaseModelFile(file, architecture, file.metadata.strings("tokenizer.ggml.tokens"));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Loads the weights, frozen, with low-rank corrections that are zero at first.
   *
   * @throws {StageError} `E_MEMORY`, or `E_USAGE` for a target that the architecture lacks.
   */
  async load(device: Device, lora: LoraOptions): Promise<Model> {
    const frozen = new Allocation(
      device,
      Object.fromEntries(
        this.#specs.map(({ name, shape }): [string, TensorSpec] => [
          name,
          [shape.length === 1 ? "F32" : this.#file.tensor(name).type, shape],
        ]),
      ),
    );
    for (const { name, shape } of this.#specs) {
      const info = this.#file.tensor(name);
      const tensor = frozen.tensors[name];
      if (shape.length === 1) {
        // Norms are multiplied element by element, for which they must be F32.
        const bytes = await this.#file.read(info);
        tensor?.write(dequantizeRows(info.type, bytes, 1, shape[0] as number));
      } else {
        for (let at = 0; at < info.bytes; at += COPY_BYTES) {
          const end = Math.min(at + COPY_BYTES, info.bytes);
          tensor?.write(await this.#file.read(info, at, end), at);
        }
      }
    }
    const { parameters, weights } = this.#correct(device, frozen, lora);
    const { config, architecture } = this;
    return new Model({ device, config, architecture, parameters, weights, frozen });
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #correct(device: Device, frozen: Allocation, { rank, alpha, targets, seed }: LoraOptions) {
    const known = this.architecture.loraTargets;
    const stranger = targets?.find((target) => !known.includes(target));
    if (stranger !== undefined) {
      throw new StageError("E_USAGE", `There is no LoRA target "${stranger}".`, {
        hint: `Known are ${known.join(", ")}.`,
      });
    }
    const wanted = new Set(targets ?? known);
    const isTarget = (name: string) =>
      wanted.has(/^blk\.\d+\.(\w+)\.weight$/.exec(name)?.[1] ?? "");
    const parameters = new ParameterStore(
      device,
      this.#specs
        .filter(({ name }) => isTarget(name))
        .flatMap(({ name, shape: [inputs = 1, outputs = 1] }) => [
          { name: `${name}.lora_a`, shape: [inputs, rank], isDecayed: true },
          { name: `${name}.lora_b`, shape: [rank, outputs], isDecayed: true },
        ]),
    );
    const random = new Random(seed);
    for (const { name, value, shape } of parameters.all) {
      // B is zero, so that training starts from the base itself; A as torch initialises matrices.
      const bound = name.endsWith("lora_a") ? 1 / Math.sqrt(shape[0] as number) : 0;
      value.write(new Float32Array(value.elements).map(() => bound * (2 * random.uniform() - 1)));
    }
    const weights = this.#specs.map(({ name }): Weight => {
      const tensor = frozen.tensors[name] as Weight["tensor"];
      const a = parameters.get(`${name}.lora_a`);
      const b = parameters.get(`${name}.lora_b`);
      return a && b ? { name, tensor, lora: { a, b, scale: alpha / rank } } : { name, tensor };
    });
    return { parameters, weights };
  }

  #check(): void {
    const expected = new Set(this.#specs.map(({ name }) => name));
    const stranger = [...this.#file.tensors.keys()].find((name) => !expected.has(name));
    if (stranger) {
      throw new StageError(
        "E_UNSUPPORTED",
        `${this.path} has the weight "${stranger}", which this trainer's ${this.architecture.name} does not compute with.`,
      );
    }
    for (const { name, shape } of this.#specs)
      checkTensor(this.path, shape, this.#file.tensor(name));
  }
}

function checkTensor(path: string, shape: readonly number[], info: GgufTensorInfo): void {
  if (shape.some((n, i) => info.shape[i] !== n) || info.shape.length !== shape.length) {
    throw new StageError(
      "E_INPUT",
      `${path} has "${info.name}" in shape ${info.shape.join(" × ")}; its metadata ask for ${shape.join(" × ")}.`,
    );
  }
  if (WEIGHT_TYPES.includes(info.type)) return;
  throw new StageError("E_UNSUPPORTED", `${path} has "${info.name}" in type ${info.type}.`, {
    hint: `Weights of these types can be trained on: ${WEIGHT_TYPES.join(", ")}.`,
  });
}
