import { type Evaluation, throwIfAborted } from "@repotune/schema";
import { layOut } from "./data/micro-batch.ts";
import type { Sequence } from "./data/sequence.ts";
import type { TokenSplit } from "./data/token-split.ts";
import type { Engine } from "./engine/engine.ts";

/** The quality figures of an {@link Evaluation}, without the moment they were taken at. */
export type Quality = Omit<Evaluation, "step" | "epoch">;

/**
 * Measures a model on sequences of a split.
 *
 * @param indices which sequences.
 * @throws {StageError} `E_INTERRUPTED`.
 */
export async function evaluate(
  engine: Engine,
  split: TokenSplit,
  indices: readonly number[],
  signal?: AbortSignal,
): Promise<Quality> {
  const { sequences: batchSize } = engine.shape;
  const { vocabularyBytes } = split;
  let loss = 0;
  let weight = 0;
  let correct = 0;
  let textNats = 0;
  let textBytes = 0;
  let tokens = 0;
  for (let at = 0; at < indices.length; at += batchSize) {
    throwIfAborted(signal);
    const sequences: Sequence[] = await Promise.all(
      indices.slice(at, at + batchSize).map((index) => split.read(index)),
    );
    const batch = layOut(sequences, engine.shape, true);
    const { losses, predictions } = await engine.evaluate(batch);
    for (let i = 0; i < losses.length; i++) {
      const nats = losses[i] as number;
      const target = batch.targets[i] as number;
      const share = batch.weights[i] as number;
      loss += share * nats;
      weight += share;
      if (predictions[i] === target) correct += share;
      const bytes = vocabularyBytes[target] as number;
      if (bytes > 0) textNats += nats;
      textBytes += bytes;
    }
    tokens += losses.length;
  }
  const mean = weight > 0 ? loss / weight : 0;
  return {
    loss: mean,
    perplexity: Math.exp(mean),
    bits_per_byte: textBytes > 0 ? textNats / Math.LN2 / textBytes : 0,
    token_accuracy: weight > 0 ? correct / weight : 0,
    tokens,
  };
}
