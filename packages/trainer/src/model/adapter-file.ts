import { GgufFile } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import type { WeightSpec } from "../architectures/architecture.ts";
import { readFinite } from "./dequantized.ts";
import type { ParameterStore } from "./parameter.ts";

const FACTOR = /^(.+)\.lora_([ab])$/;

/** A LoRA adapter in GGUF, as llama.cpp and this trainer write it, to be trained further. */
export class AdapterFile {
  readonly path: string;
  readonly architecture: string;
  readonly rank: number;
  /** Corrections are scaled by alpha / rank. */
  readonly alpha: number;
  /** Names of the weights that it corrects. */
  readonly weights: ReadonlySet<string>;
  readonly #file: GgufFile;

  private constructor(file: GgufFile) {
    const { metadata, path, tensors } = file;
    this.path = path;
    this.#file = file;
    const kind = [metadata.string("general.type", ""), metadata.string("adapter.type", "")];
    if (kind[0] !== "adapter" || kind[1] !== "lora") {
      throw new StageError("E_INPUT", `${path} is not a LoRA adapter.`, {
        hint: "Give a model as --base, and what was trained for it as --adapter.",
      });
    }
    this.architecture = metadata.string("general.architecture");
    this.alpha = metadata.number("adapter.lora.alpha");
    const stranger = [...tensors.keys()].find((name) => !FACTOR.test(name));
    if (stranger !== undefined) {
      throw new StageError("E_UNSUPPORTED", `${path} has "${stranger}", which is no LoRA factor.`);
    }
    this.weights = new Set([...tensors.keys()].map((name) => name.replace(FACTOR, "$1")));
    const ranks = new Set([...this.weights].map((name) => file.tensor(`${name}.lora_a`).shape[1]));
    const [rank, ...others] = ranks;
    if (rank === undefined || others.length > 0) {
      throw new StageError(
        "E_UNSUPPORTED",
        `${path} has ${rank === undefined ? "no factors" : `factors of ranks ${[...ranks].join(", ")}`}; it must have one rank.`,
      );
    }
    this.rank = rank;
  }

  /**
   * Opens an adapter.
   *
   * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` or `E_TRUNCATED` for what is no adapter,
   *   `E_UNSUPPORTED` for one with other things than LoRA factors of one rank.
   */
  static async open(path: string): Promise<AdapterFile> {
    const file = await GgufFile.open(path);
    try {
      return new AdapterFile(file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Makes sure that it was made for a model of these weights.
   *
   * @param targets matrices of a layer that can be corrected, e.g. `attn_q`.
   * @throws {StageError} `E_MISMATCH` naming the first tensor that does not fit.
   */
  check(
    base: string,
    architecture: string,
    specs: readonly WeightSpec[],
    targets: readonly string[],
  ): void {
    const refuse = (what: string) => {
      throw new StageError("E_MISMATCH", `${this.path} is no adapter for ${base}: ${what}.`, {
        hint: "Give the base that it was trained on, or train a new adapter.",
      });
    };
    if (architecture !== this.architecture) {
      refuse(`it corrects a model of ${this.architecture}, not of ${architecture}`);
    }
    const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
    for (const name of this.weights) {
      const target = /^blk\.\d+\.(\w+)\.weight$/.exec(name)?.[1] ?? name;
      const [inputs, outputs] = shapes.get(name) ?? [];
      if (inputs === undefined) refuse(`that has no "${name}"`);
      if (!targets.includes(target)) refuse(`this trainer does not correct "${name}"`);
      for (const [factor, expected] of [
        [`${name}.lora_a`, [inputs, this.rank]],
        [`${name}.lora_b`, [this.rank, outputs]],
      ] as const) {
        const { shape } = this.#file.tensor(factor);
        if (shape.length === 2 && expected.every((n, i) => n === shape[i])) continue;
        refuse(`"${factor}" is ${shape.join(" × ")}, not ${expected.join(" × ")}`);
      }
    }
  }

  /**
   * Copies the factors into the parameters of the same names.
   *
   * @throws {StageError} `E_INPUT` for elements that are infinite or no numbers.
   */
  async load(parameters: ParameterStore): Promise<void> {
    for (const { name, value, shape } of parameters.all) {
      await readFinite(this.#file, name, shape, (values, at) => value.write(values, 4 * at));
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
