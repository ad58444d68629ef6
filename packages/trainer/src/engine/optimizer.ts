import { Allocation, Graph } from "@repotune/ggml";
import type { Model } from "../model/model.ts";

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

/** Clipping by the global norm, and AdamW (https://arxiv.org/abs/1711.05101), on the device. */
export class Optimizer {
  readonly normGraph: Graph;
  readonly stepGraph: Graph;
  readonly #stored: Allocation<"norm" | "scale" | "decayed" | "undecayed">;
  readonly #settings: AdamWSettings;
  readonly #run: (graph: Graph) => Promise<void>;

  constructor(model: Model, settings: AdamWSettings, run: (graph: Graph) => Promise<void>) {
    const { device, parameters } = model;
    const { all } = parameters;
    this.#settings = settings;
    this.#run = run;
    this.#stored = new Allocation(device, {
      norm: ["F32", [1]],
      scale: ["F32", [1]],
      decayed: ["F32", [7]],
      undecayed: ["F32", [7]],
    });
    const { norm, scale, decayed, undecayed } = this.#stored.tensors;
    this.normGraph = new Graph(device, (g) => {
      const squares = all.map(({ gradient }) => g.sum(g.square(gradient))); // [1] each
      return [
        g.copy(
          squares.reduce((sum, square) => g.add(sum, square)),
          norm,
        ),
      ];
    });
    this.stepGraph = new Graph(device, (g) =>
      all.map(({ value, gradient, mean, variance, isDecayed }) =>
        g.adamwStep(
          value,
          g.multiplyInPlace(gradient, scale),
          mean,
          variance,
          isDecayed ? decayed : undecayed,
        ),
      ),
    );
  }

  /** Bytes reserved on the device besides the graphs' results. */
  get bytes(): number {
    return this.#stored.bytes;
  }

  /** L2 norm over all gradients. */
  async gradientNorm(): Promise<number> {
    await this.#run(this.normGraph);
    return Math.sqrt(this.#stored.tensors.norm.read()[0] as number);
  }

  /**
   * Changes all parameters.
   *
   * @param step from 1.
   * @param gradientNorm as {@link Optimizer.gradientNorm} gave it.
   */
  async step(step: number, learningRate: number, gradientNorm: number): Promise<void> {
    const { beta1, beta2, epsilon, weightDecay, maxGradientNorm } = this.#settings;
    const { scale, decayed, undecayed } = this.#stored.tensors;
    scale.write(
      Float32Array.of(gradientNorm > maxGradientNorm ? maxGradientNorm / gradientNorm : 1),
    );
    const settings = (decay: number) =>
      Float32Array.of(
        learningRate,
        beta1,
        beta2,
        epsilon,
        decay,
        1 / (1 - beta1 ** step),
        1 / (1 - beta2 ** step),
      );
    decayed.write(settings(weightDecay));
    undecayed.write(settings(0));
    await this.#run(this.stepGraph);
  }

  dispose(): void {
    this.#stored.dispose();
  }
}
