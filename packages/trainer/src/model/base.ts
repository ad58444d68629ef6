import {
  type Device,
  type GgmlType,
  GgufFile,
  type GgufMetadata,
  type GgufTensorInfo,
} from "@repotune/ggml";
import { StageError, vocabularyHash } from "@repotune/schema";
import type { Architecture, WeightSpec } from "../architectures/architecture.ts";
import { architectureOf } from "../architectures/registry.ts";
import type { ModelConfig } from "./config.ts";
import { readDequantized, readFinite } from "./dequantized.ts";
import { blankTensors, FrozenWeights, type WeightLayout } from "./frozen-weights.ts";
import { addLora, type LoraOptions } from "./lora.ts";
import { Model, type Weight } from "./model.ts";
import { type MomentType, ParameterStore } from "./parameter.ts";

/** Types of frozen weights whose gradients are tested. */
const WEIGHT_TYPES: readonly GgmlType[] = [
  ...(["F32", "F16", "BF16"] as const),
  ...(["Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"] as const),
  ...(["Q6_K", "Q5_K", "Q4_K"] as const),
];

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

  /** Numbers in the file's tensors. */
  get weightCount(): number {
    const sizes = this.#specs.map(({ shape }) => shape.reduce((product, n) => product * n, 1));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** How many of its matrices have which type. */
  get types(): ReadonlyMap<GgmlType, number> {
    const counts = new Map<GgmlType, number>();
    for (const { name, shape } of this.#specs) {
      if (shape.length === 1) continue;
      const { type } = this.#file.tensor(name);
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    return counts;
  }

  /**
   * Loads the weights, frozen, with low-rank corrections.
   *
   * @throws {StageError} `E_MEMORY`, `E_USAGE` for a target that the architecture lacks, `E_MISMATCH` for
   *   an adapter of another model.
   */
  async load(device: Device, lora: LoraOptions, layout: WeightLayout = "compact"): Promise<Model> {
    const { config, architecture } = this;
    lora.adapter?.check(this.path, architecture.name, this.#specs, architecture.loraTargets);
    const typeOf = (name: string) => this.#file.tensor(name).type;
    const frozen = new FrozenWeights(device, this.#specs, typeOf, layout);
    await frozen.load(device.isDry ? blankTensors(this.#file) : this.#file);
    const { parameters, weights } = await addLora(device, architecture, frozen.all, lora);
    const { dropout } = lora;
    return new Model({ device, config, architecture, parameters, weights, frozen, dropout });
  }

  /**
   * Loads the weights as parameters, dequantised to `F32`; tables that nothing trains stay frozen.
   *
   * @throws {StageError} `E_MEMORY`, or `E_INPUT` for weights that are infinite or no numbers.
   */
  async loadTrained(device: Device, moments?: MomentType): Promise<Model> {
    const { config, architecture } = this;
    const constants = this.#specs.filter(({ isConstant }) => isConstant);
    const frozen =
      constants.length > 0
        ? new FrozenWeights(device, constants, () => "F32", "compact")
        : undefined;
    const file = device.isDry ? blankTensors(this.#file) : this.#file;
    await frozen?.load(file);
    const parameters = new ParameterStore(
      device,
      this.#specs
        .filter(({ isConstant }) => !isConstant)
        .map(({ name, shape }) => ({ name, shape, isDecayed: shape.length > 1 })),
      moments,
    );
    for (const { name, shape, value } of device.isDry ? [] : parameters.all) {
      await readFinite(this.#file, name, shape, (values, at) => value.write(values, 4 * at));
    }
    const trained = parameters.all.map((parameter): Weight => {
      return { name: parameter.name, tensor: parameter.value, parameter };
    });
    const weights = [...trained, ...(frozen?.all ?? [])];
    return new Model({ device, config, architecture, parameters, weights, frozen });
  }

  /** What the file says of itself. */
  get metadata(): GgufMetadata {
    return this.#file.metadata;
  }

  /**
   * The first weight with an element that is infinite or no number; reads the whole file.
   *
   * @returns its name, or `undefined` if there is none.
   */
  async findDamage(): Promise<string | undefined> {
    for (const { name, shape } of this.#specs) {
      let isDamaged = false;
      await readDequantized(this.#file, name, shape, (values) => {
        isDamaged ||= !values.every(Number.isFinite);
      });
      if (isDamaged) return name;
    }
    return undefined;
  }

  close(): Promise<void> {
    return this.#file.close();
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
