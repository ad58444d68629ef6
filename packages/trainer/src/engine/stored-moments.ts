import { Allocation, type Device, type GraphBuilder, type Tensor } from "@repotune/ggml";
import type { Parameter } from "../model/parameter.ts";

/** Largest number stored; a block's scale, a 127th of it, then is just below the largest of F16. */
const LARGEST = 2 ** 22;
/** Gradients may be clipped at more than this; then their mean is. */
const MAX_RANGE = 100;
/** Spread of the dither: at least two steps of F16, which the scales of blocks are rounded to. */
const DITHER = 2 ** -9;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** The two running means of a parameter as a graph computes with them, `F32` of its shape. */
export interface Moments {
  mean: Tensor;
  variance: Tensor;
}

/**
 * AdamW's running means in eight bits: `Q8_0`, blocks of 32 numbers that share a scale in `F16`.
 *
 * What makes eight bits enough (compare Dettmers et al., https://arxiv.org/abs/2110.02861):
 *
 * - **Range.** A block's scale must neither overflow nor vanish in `F16`. Clipping bounds gradients,
 *   and with them their mean m, so both are stored times a constant that uses all of the range.
 * - **Roots.** In its block, a number below 1/254 of the largest becomes 0. If that happened to the
 *   mean square v as soon, i.e. where gradients are below 1/16 of the block's largest, an m that is
 *   still there would be divided by nothing. Of v^(1/4), a 254th is a gradient of 1/64,516 of the
 *   largest.
 * - **Bound.** Cauchy and Schwarz: exact means obey m² ≤ c²·v, with
 *   c² = (1 - β1)² / ((1 - β2)·(1 - β1²/β2)). So v is raised to m²/c² where rounding made it smaller,
 *   and no step is longer than exact AdamW's could be.
 * - **Dither.** A step moves v by a thousandth and v^(1/4) by a 4,000th, less than `F16` resolves: the
 *   scales would stand still. They are stored times a factor that differs from step to step, and
 *   divided by it when read, so that their rounding errors have a mean of zero.
 */
export class StoredMoments {
  readonly #factors: Allocation<"readMean" | "readRoot" | "storeMean" | "storeRoot">;
  readonly #meanFactor: number;
  readonly #rootFactor: number;
  /** 1/c² */
  readonly #bound: number;

  constructor(device: Device, settings: { beta1: number; beta2: number; maxGradientNorm: number }) {
    const { beta1, beta2, maxGradientNorm } = settings;
    const range = Math.min(maxGradientNorm, MAX_RANGE);
    this.#meanFactor = LARGEST / range;
    this.#rootFactor = LARGEST / Math.sqrt(range);
    this.#bound = ((1 - beta2) * (1 - beta1 ** 2 / beta2)) / (1 - beta1) ** 2;
    this.#factors = new Allocation(device, {
      readMean: ["F32", [1]],
      readRoot: ["F32", [1]],
      storeMean: ["F32", [1]],
      storeRoot: ["F32", [1]],
    });
  }

  /** The means as they were before a step; the step may change them in place. */
  read(g: GraphBuilder, { value, mean, variance }: Parameter): Moments {
    if (mean.type === "F32") return { mean, variance };
    const { readMean, readRoot } = this.#factors.tensors;
    const m = g.multiply(g.cast(mean, "F32"), readMean); // [32, n / 32], or the parameter's shape
    const root = g.multiply(g.cast(variance, "F32"), readRoot); // all of the same shape
    const v = g.square(g.square(root));
    const least = g.scale(g.square(m), this.#bound);
    const lacking = g.clamp(g.subtract(least, v), 0, Number.MAX_SAFE_INTEGER);
    return {
      mean: g.reshape(m, ...value.shape),
      variance: g.reshape(g.add(v, lacking), ...value.shape),
    };
  }

  /**
   * Stores the means that a step has changed.
   *
   * @returns what must be computed after the step.
   */
  store(g: GraphBuilder, { mean, variance }: Parameter, changed: Moments): Tensor[] {
    if (mean.type === "F32") return [];
    const { storeMean, storeRoot } = this.#factors.tensors;
    const m = g.multiply(g.reshape(changed.mean, ...mean.shape), storeMean);
    const v = g.reshape(changed.variance, ...variance.shape);
    const root = g.multiply(g.sqrt(g.sqrt(v)), storeRoot);
    return [
      g.copy(g.clamp(m, -LARGEST, LARGEST), mean),
      g.copy(g.clamp(root, 0, LARGEST), variance),
    ];
  }

  /** Prepares step `step`, from 1. */
  begin(step: number): void {
    const { readMean, readRoot, storeMean, storeRoot } = this.#factors.tensors;
    const dither = (at: number) => 1 + DITHER * ((at * GOLDEN_RATIO) % 1);
    const [before, now] = [dither(step - 1), dither(step)];
    readMean.write(Float32Array.of(1 / (this.#meanFactor * before)));
    readRoot.write(Float32Array.of(1 / (this.#rootFactor * before)));
    storeMean.write(Float32Array.of(this.#meanFactor * now));
    storeRoot.write(Float32Array.of(this.#rootFactor * now));
  }

  get bytes(): number {
    return this.#factors.bytes;
  }

  dispose(): void {
    this.#factors.dispose();
  }
}
