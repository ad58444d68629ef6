import { layOut } from "../data/micro-batch.ts";
import { evenlySpaced } from "../data/order.ts";
import type { Sequence } from "../data/sequence.ts";
import type { TokenSplit } from "../data/token-split.ts";
import type { Engine } from "../engine/engine.ts";

/** About so many held-out tokens are looked at. */
export const HELD_OUT_TOKENS = 1024;
/** Logits to compare take at most this much; with 150,000 tokens, those of 112 predictions. */
const LOGIT_BYTES = 64 << 20;

/** Predictions of which logits are compared, at most. */
export const comparedPredictions = (vocabularySize: number): number =>
  Math.max(1, Math.floor(LOGIT_BYTES / (4 * vocabularySize)));

/** What a model says of some held-out tokens. */
export interface Predictions {
  /** Negative log-likelihood of each, in nats. */
  losses: number[];
  /** Logits of all tokens in the places of some of these, `[vocabulary]` each. */
  logits: Float32Array[];
}

/** How the predictions of one model differ from those of another. */
export interface Difference {
  /** Mean loss of the other, nats a token. */
  loss: number;
  /** Mean Kullback-Leibler divergence of the other from the one, nats a token. */
  divergence: number;
  /** Largest difference of a token's log-probability. */
  largest_difference: number;
}

/** Held-out sequences to compare models on. */
export class HeldOut {
  readonly #sequences: readonly Sequence[];

  private constructor(sequences: readonly Sequence[]) {
    this.#sequences = sequences;
  }

  /** Takes evenly spaced sequences of `split`. */
  static async open(split: TokenSplit, sequenceLength: number, seed: number): Promise<HeldOut> {
    const indices = evenlySpaced(
      split.length,
      Math.max(1, Math.round(HELD_OUT_TOKENS / sequenceLength)),
      seed,
    );
    return new HeldOut(await Promise.all(indices.map((index) => split.read(index))));
  }

  /** What the model of `engine` says of them. */
  async predict(engine: Engine): Promise<Predictions> {
    const { sequences: size } = engine.shape;
    const places = this.#sequences.flat().reduce((n, p) => n + p.tokens.length - p.predictFrom, 0);
    const stride = Math.ceil(places / comparedPredictions(engine.model.config.vocabularySize));
    const losses: number[] = [];
    const logits: Float32Array[] = [];
    for (let at = 0; at < this.#sequences.length; at += size) {
      const batch = layOut(this.#sequences.slice(at, at + size), engine.shape, true);
      const known = losses.length;
      losses.push(...(await engine.evaluate(batch)).losses);
      const rows = batch.rows.filter((_, i) => (known + i) % stride === 0);
      if (rows.length > 0) logits.push(...split(await engine.logits(rows), rows.length));
    }
    return { losses, logits };
  }
}

/** How `other` differs from `reference`. */
export function compare(reference: Predictions, other: Predictions): Difference {
  const differences = reference.losses.map((loss, i) =>
    Math.abs(loss - (other.losses[i] as number)),
  );
  const divergences = reference.logits.map((row, i) =>
    divergence(row, other.logits[i] as Float32Array),
  );
  return {
    loss: mean(other.losses),
    divergence: mean(divergences),
    largest_difference: differences.reduce((largest, value) => Math.max(largest, value), 0),
  };
}

/** Kullback-Leibler divergence Σ p · (log p - log q) of two rows of logits, in nats. */
function divergence(p: Float32Array, q: Float32Array): number {
  const [logSumP, logSumQ] = [logSumExp(p), logSumExp(q)];
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const logP = (p[i] as number) - logSumP;
    sum += Math.exp(logP) * (logP - ((q[i] as number) - logSumQ));
  }
  return Math.max(0, sum); // Rounding may take it below.
}

function logSumExp(logits: Float32Array): number {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  return largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
}

/** The mean of some numbers; of none, 0. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

const split = (values: Float32Array, count: number) => {
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
};
