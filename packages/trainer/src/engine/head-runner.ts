import { Allocation, type Device } from "@repotune/ggml";
import type { MicroBatch } from "../data/micro-batch.ts";
import type { HeadTensors } from "../layers/head.ts";

/** Probabilities of all tokens to predict at once may take this much; more gains no speed. */
const LOGIT_BYTES = 32 << 20;

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
  /** Tokens at a time, `s`. */
  readonly size: number;
  readonly #vocabularySize: number;
  readonly #stored: Allocation<keyof HeadTensors>;

  /** @param n tokens of a micro-batch. */
  constructor(device: Device, vocabularySize: number, n: number) {
    this.#vocabularySize = vocabularySize;
    const affordable = Math.floor(LOGIT_BYTES / (4 * vocabularySize));
    // In steps that matrix kernels like.
    const size = Math.min(n, Math.max(32, 32 * Math.floor(affordable / 32)));
    this.size = size;
    this.#stored = new Allocation(device, {
      rows: ["I32", [size]],
      targets: ["I32", [size]],
      weights: ["F32", [1, size]],
      losses: ["F32", [1, size]],
      predictions: ["I32", [size]],
    });
  }

  get tensors(): HeadTensors {
    return this.#stored.tensors;
  }

  get bytes(): number {
    return this.#stored.bytes;
  }

  /**
   * Calls `compute` for all tokens that `batch` predicts, a part at a time.
   *
   * @param normaliser what weights are divided by.
   */
  async run(
    batch: MicroBatch,
    normaliser: number,
    compute: () => Promise<void>,
  ): Promise<Predictions> {
    const { size, tensors } = this;
    const count = batch.rows.length;
    const losses = new Float32Array(count);
    const predictions = new Int32Array(count);
    for (let at = 0; at < count; at += size) {
      const end = Math.min(at + size, count);
      const rows = new Int32Array(size);
      const weights = new Float32Array(size);
      const targets = Int32Array.from({ length: size }, (_, i) => i * this.#vocabularySize);
      for (let i = at; i < end; i++) {
        rows[i - at] = batch.rows[i] as number;
        weights[i - at] = (batch.weights[i] as number) / normaliser;
        targets[i - at] = (targets[i - at] as number) + (batch.targets[i] as number);
      }
      tensors.rows.write(rows);
      tensors.targets.write(targets);
      tensors.weights.write(weights);
      await compute();
      tensors.losses.readInto(losses.subarray(at, end));
      tensors.predictions.readInto(predictions.subarray(at, end));
    }
    return { losses, predictions };
  }

  dispose(): void {
    this.#stored.dispose();
  }
}
