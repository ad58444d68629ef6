import { Allocation, Graph, type Tensor } from "@repotune/ggml";
import type { MicroBatch } from "../data/micro-batch.ts";
import { type HeadTensors, headBackward, headLoss } from "../layers/head.ts";
import type { ForwardPass } from "../layers/pass.ts";

/** Probabilities of all tokens to predict at once may take this much; larger gains no speed. */
const LOGIT_BYTES = 32 << 20;

/** What a model thinks of the tokens it had to predict. */
export interface Predictions {
  /** Negative log-likelihood of each, in nats. */
  losses: Float32Array;
  /** Most probable token in the place of each. */
  predictions: Int32Array;
}

/**
 * The output layer and the loss, over only those tokens that are predicted, and a limited number of
 * them at a time: with a vocabulary of 150,000, the logits of 2,048 tokens would take 1.2 GB.
 */
export class HeadRunner {
  /** Graph of the loss alone. */
  readonly lossGraph: Graph;
  /** Graph of the loss and its gradients. */
  readonly backwardGraph: Graph;
  /** Tokens at a time, `s`. */
  readonly size: number;
  readonly #vocabularySize: number;
  readonly #stored: Allocation<keyof HeadTensors>;
  readonly #run: (graph: Graph) => Promise<void>;

  /**
   * @param pass builds passes over a new graph's builder.
   * @param x output of the last layer, `[d, n]`; `dx` its gradient, `[d, n]`, to be added to.
   */
  constructor(
    pass: (g: ForwardPass["g"]) => ForwardPass,
    model: ForwardPass["model"],
    x: Tensor,
    dx: Tensor,
    run: (graph: Graph) => Promise<void>,
  ) {
    const { device } = model;
    const n = x.shape[1];
    this.#vocabularySize = model.config.vocabularySize;
    this.#run = run;
    const affordable = Math.floor(LOGIT_BYTES / (4 * this.#vocabularySize));
    // A whole fraction of n, in steps that matrix kernels like.
    const size = Math.min(n, Math.max(32, 32 * Math.floor(affordable / 32)));
    this.size = size;
    this.#stored = new Allocation(device, {
      rows: ["I32", [size]],
      targets: ["I32", [size]],
      weights: ["F32", [1, size]],
      losses: ["F32", [1, size]],
      predictions: ["I32", [size]],
    });
    const { tensors } = this.#stored;
    this.lossGraph = new Graph(device, (g) => headLoss(pass(g), x, tensors));
    this.backwardGraph = new Graph(device, (g) => headBackward(pass(g), x, dx, tensors));
  }

  /**
   * Runs the loss over all tokens that `batch` predicts.
   *
   * @param normaliser what weights are divided by; if given, gradients are computed too.
   */
  async run(batch: MicroBatch, normaliser?: number): Promise<Predictions> {
    const { size } = this;
    const { tensors } = this.#stored;
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
        weights[i - at] = (batch.weights[i] as number) / (normaliser ?? 1);
        targets[i - at] = (targets[i - at] as number) + (batch.targets[i] as number);
      }
      tensors.rows.write(rows);
      tensors.targets.write(targets);
      tensors.weights.write(weights);
      await this.#run(normaliser === undefined ? this.lossGraph : this.backwardGraph);
      tensors.losses.readInto(losses.subarray(at, end));
      if (normaliser === undefined) tensors.predictions.readInto(predictions.subarray(at, end));
    }
    return { losses, predictions };
  }

  dispose(): void {
    this.lossGraph.dispose();
    this.backwardGraph.dispose();
    this.#stored.dispose();
  }
}
