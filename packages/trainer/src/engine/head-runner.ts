import { Allocation, type Device, type TensorSpec } from "@repotune/ggml";
import type { MicroBatch } from "../data/micro-batch.ts";
import type { HeadTensors } from "../layers/head.ts";

/**
 * Logits of a part of the tokens may take this much. A GPU needs more of them at once to be busy,
 * because it dequantises and transposes the output matrix anew for each part.
 */
const LOGIT_BYTES = { cpu: 64 << 20, gpu: 160 << 20 };

/** What a model thinks of the tokens it had to predict. */
export interface Predictions {
  /** Negative log-likelihood of each, in nats. */
  losses: Float32Array;
  /** Most probable token in the place of each; zeros where gradients were asked for. */
  predictions: Int32Array;
}

/**
 * Feeds the output layer with only those tokens that are predicted, and a limited number of them at
 * a time: with a vocabulary of 150,000, the logits of 2,048 tokens would take 1.2 GB.
 */
export class HeadRunner {
  /** Room for all tokens of a micro-batch, in parts that are computed one after another. */
  readonly parts: readonly HeadTensors[];
  /** Tokens of a part, `s`. */
  readonly #size: number;
  readonly #vocabularySize: number;
  readonly #stored: readonly Allocation<keyof HeadTensors>[];

  /** @param n tokens of a micro-batch. */
  constructor(device: Device, vocabularySize: number, n: number) {
    const bytes = device.info.kind === "cpu" ? LOGIT_BYTES.cpu : LOGIT_BYTES.gpu;
    const affordable = Math.floor(bytes / (4 * vocabularySize));
    // In steps that matrix kernels like.
    const s = Math.min(n, Math.max(32, 32 * Math.floor(affordable / 32)));
    this.#vocabularySize = vocabularySize;
    this.#size = s;
    const specs: Record<keyof HeadTensors, TensorSpec> = {
      rows: ["I32", [s]],
      targets: ["I32", [s]],
      weights: ["F32", [1, s]],
      losses: ["F32", [1, s]],
      predictions: ["I32", [s]],
    };
    this.#stored = Array.from({ length: Math.ceil(n / s) }, () => new Allocation(device, specs));
    this.parts = this.#stored.map(({ tensors }) => tensors);
  }

  /** Tokens that can be predicted at once, in all parts together. */
  get capacity(): number {
    return this.#size * this.parts.length;
  }

  /**
   * Calls `compute` for all tokens that `batch` predicts, as many as there is room for at a time.
   *
   * @param normaliser what weights are divided by.
   * @param compute takes how many of the parts are in use; the others have weights of zero.
   */
  async run(
    batch: MicroBatch,
    normaliser: number,
    compute: (used: number) => Promise<void>,
  ): Promise<Predictions> {
    const count = batch.rows.length;
    const losses = new Float32Array(count);
    const predictions = new Int32Array(count);
    const size = this.#size;
    for (let first = 0; first < count; first += this.capacity) {
      for (const [i, part] of this.parts.entries()) {
        this.#write(part, batch, normaliser, first + i * size);
      }
      const used = Math.min(this.parts.length, Math.ceil((count - first) / size));
      await compute(used);
      for (const [i, part] of this.parts.slice(0, used).entries()) {
        const at = first + i * size;
        part.losses.readInto(losses.subarray(at, at + size));
        part.predictions.readInto(predictions.subarray(at, at + size));
      }
    }
    return { losses, predictions };
  }

  dispose(): void {
    for (const part of this.#stored) part.dispose();
  }

  /** Writes the tokens from number `at` on. */
  #write(part: HeadTensors, batch: MicroBatch, normaliser: number, at: number): void {
    const size = this.#size;
    const end = Math.min(at + size, batch.rows.length);
    const rows = new Int32Array(size);
    const weights = new Float32Array(size);
    const targets = Int32Array.from({ length: size }, (_, i) => i * this.#vocabularySize);
    for (let i = at; i < end; i++) {
      rows[i - at] = batch.rows[i] as number;
      weights[i - at] = (batch.weights[i] as number) / normaliser;
      targets[i - at] = (targets[i - at] as number) + (batch.targets[i] as number);
    }
    part.rows.write(rows);
    part.targets.write(targets);
    part.weights.write(weights);
  }
}
