import { getLlama, type Token } from "node-llama-cpp";

/** What else is loaded with a model. */
export interface TheirOptions {
  /** Path of an adapter. */
  adapter?: string;
}

/**
 * Log-probabilities of all tokens after each of `tokens`, from llama.cpp itself, with caches as exact
 * as it has them.
 */
export async function theirLogProbabilities(
  modelPath: string,
  tokens: readonly number[],
  { adapter }: TheirOptions = {},
): Promise<number[][]> {
  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1 });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({
    contextSize: 256,
    threads: 1,
    flashAttention: false,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
    ...(adapter && { lora: { adapters: [{ filePath: adapter, scale: 1 }] } }),
  });
  const input = tokens.map((id) => [id as Token, { generateNext: { logits: true } }] as const);
  const output = await context.getSequence().controlledEvaluate(input.map(([id, o]) => [id, o]));
  const rows = output.map((result) => logSoftMax(result?.next.logits ?? new Map()));
  await context.dispose();
  await model.dispose();
  await llama.dispose();
  return rows;
}

function logSoftMax(logits: ReadonlyMap<number, number>): number[] {
  const row = Array.from({ length: logits.size }, (_, id) => logits.get(id) as number);
  const largest = Math.max(...row);
  const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return row.map((logit) => logit - largest - Math.log(sum));
}
