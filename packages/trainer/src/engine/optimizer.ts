import { Allocation, Graph, type Tensor } from "@repotune/ggml";
import type { Model } from "../model/model.ts";
import type { ParameterSpec } from "../model/parameter.ts";
import { StoredMoments } from "./stored-moments.ts";

/** Settings of AdamW that stay the same over a training. */
export interface AdamWSettings {
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Applies to matrices only. */
  weightDecay: number;
  /** Gradients are scaled down to this L2 norm over all of them. */
  maxGradientNorm: number;
}

/** What parameters must share to be changed with the same settings. */
const groupOf = ({ isDecayed, rateFactor = 1 }: ParameterSpec) => `${isDecayed} ${rateFactor}`;

/** Clipping by the global norm, and AdamW (https://arxiv.org/abs/1711.05101), on the device. */
export class Optimizer {
  readonly normGraph: Graph;
  readonly stepGraph: Graph;
  readonly #stored: Allocation;
  readonly #moments: StoredMoments;
  readonly #settings: AdamWSettings;
  /** One parameter of each group. */
  readonly #groups: ReadonlyMap<string, ParameterSpec>;
  readonly #run: (graph: Graph) => Promise<void>;

  constructor(model: Model, settings: AdamWSettings, run: (graph: Graph) => Promise<void>) {
    const { device, parameters } = model;
    const { all } = parameters;
    this.#settings = settings;
    this.#run = run;
    this.#groups = new Map(all.map((parameter) => [groupOf(parameter), parameter]));
    this.#stored = new Allocation(device, {
      norm: ["F32", [1]],
      scale: ["F32", [1]],
      ...Object.fromEntries([...this.#groups.keys()].map((key) => [key, ["F32", [7]] as const])),
    });
    this.#moments = new StoredMoments(device, settings);
    this.normGraph = new Graph(device, (g) => {
      const squares = all.map(({ gradient }) => g.sum(g.square(gradient))); // [1] each
      const sum = squares.reduce((total, square) => g.add(total, square));
      return [g.copy(sum, this.#tensor("norm"))];
    });
    this.stepGraph = new Graph(device, (g) =>
      all.flatMap((parameter) => {
        const { value, gradient } = parameter;
        const clipped = g.multiplyInPlace(gradient, this.#tensor("scale"));
        const moments = this.#moments.read(g, parameter);
        const { mean, variance } = moments;
        const settings = this.#tensor(groupOf(parameter));
        const step = g.adamwStep(value, clipped, mean, variance, settings);
        return [step, ...this.#moments.store(g, parameter, moments)];
      }),
    );
  }

  /** Bytes reserved on the device besides parameters. */
  get bytes(): number {
    return this.#stored.bytes + this.#moments.bytes;
  }

  /** L2 norm over all gradients. */
  async gradientNorm(): Promise<number> {
    await this.#run(this.normGraph);
    return Math.sqrt(this.#tensor("norm").read()[0] as number);
  }

  /**
   * Changes all parameters.
   *
   * @param step from 1.
   * @param gradientNorm as {@link Optimizer.gradientNorm} gave it.
   */
  async step(step: number, learningRate: number, gradientNorm: number): Promise<void> {
    const { beta1, beta2, epsilon, weightDecay, maxGradientNorm } = this.#settings;
    this.#tensor("scale").write(
      Float32Array.of(gradientNorm > maxGradientNorm ? maxGradientNorm / gradientNorm : 1),
    );
    for (const [key, { isDecayed, rateFactor = 1 }] of this.#groups) {
      this.#tensor(key).write(
        Float32Array.of(
          learningRate * rateFactor,
          beta1,
          beta2,
          epsilon,
          isDecayed ? weightDecay : 0,
          1 / (1 - beta1 ** step),
          1 / (1 - beta2 ** step),
        ),
      );
    }
    this.#moments.begin(step);
    await this.#run(this.stepGraph);
  }

  dispose(): void {
    this.#moments.dispose();
    this.#stored.dispose();
  }

  #tensor(name: string): Tensor {
    return this.#stored.tensors[name] as Tensor;
  }
}
