import { getLlama, type Token } from "node-llama-cpp";
import { layOut } from "../../src/data/micro-batch.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Model } from "../../src/model/model.ts";
import { adamw } from "./tiny.ts";

/** Log-probabilities of all tokens after each of `tokens`, as the training graphs compute them. */
export async function ourLogProbabilities(
  model: Model,
  tokens: readonly number[],
): Promise<number[][]> {
  const shape = { sequences: 1, sequenceLength: tokens.length };
  const engine = new Engine(model, shape, adamw);
  const piece = { tokens, lossWeights: tokens.map(() => 100), predictFrom: 1 };
  const { vocabularySize } = model.config;
  const ids = Array.from({ length: vocabularySize }, (_, id) => id);
  const batch = {
    ...layOut([[piece]], shape),
    rows: Int32Array.from(tokens.flatMap((_, row) => ids.map(() => row))),
    targets: Int32Array.from(tokens.flatMap(() => ids)),
    weights: new Float32Array(tokens.length * vocabularySize).fill(1),
  };
  const { losses } = await engine.evaluate(batch);
  engine.dispose();
  return tokens.map((_, row) => ids.map((id) => -(losses[row * vocabularySize + id] as number)));
}

/**
 * The same from llama.cpp itself, with caches as exact as it has them.
 *
 * @param adapters paths of adapters.
 * @returns log-probabilities without an adapter, and with each of `adapters`.
 */
export async function theirLogProbabilities(
  modelPath: string,
  tokens: readonly number[],
  adapters: readonly string[] = [],
): Promise<number[][][]> {
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
  const model = await llama.loadModel({ modelPath });
  const input = tokens.map((id) => [id as Token, { generateNext: { logits: true } }] as const);
  const results: number[][][] = [];
  for (const adapter of [undefined, ...adapters]) {
    const context = await model.createContext({
      contextSize: 256,
      threads: 1,
      flashAttention: false,
      experimentalKvCacheKeyType: "F32",
      experimentalKvCacheValueType: "F32",
      ...(adapter && { lora: { adapters: [{ filePath: adapter, scale: 1 }] } }),
    });
    const output = await context.getSequence().controlledEvaluate(input.map(([id, o]) => [id, o]));
    results.push(output.map((result) => logSoftMax(result?.next.logits ?? new Map())));
    await context.dispose();
  }
  await model.dispose();
  await llama.dispose();
  return results;
}

function logSoftMax(logits: ReadonlyMap<number, number>): number[] {
  const row = Array.from({ length: logits.size }, (_, id) => logits.get(id) as number);
  const largest = Math.max(...row);
  const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return row.map((logit) => logit - largest - Math.log(sum));
}

/**
 * How far `actual` is from `expected`: the norm of the difference, relative to that of the deviations
 * from each row's mean.
 */
export function relativeError(actual: number[][], expected: number[][]): number {
  let [error, spread] = [0, 0];
  for (const [i, row] of expected.entries()) {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    for (const [j, value] of row.entries()) {
      error += ((actual[i]?.[j] as number) - value) ** 2;
      spread += (value - mean) ** 2;
    }
  }
  return Math.sqrt(error / spread);
}
