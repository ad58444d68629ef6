import { join } from "node:path";
import { SafetensorsWriter, TOKEN_TENSORS, WINDOW_TENSORS } from "@repotune/schema";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { layOut } from "../src/data/micro-batch.ts";
import { lossWeightOf, type Sequence, tokensOf } from "../src/data/sequence.ts";
import { TokenSplit } from "../src/data/token-split.ts";
import { Engine } from "../src/engine/engine.ts";
import { addBatchGradients } from "../src/training-step.ts";
import { adamw, packedSequences, tinyScratchModel } from "./support/tiny.ts";

/** Ten tokens, and pieces or windows over them. */
async function openSplit(
  objective: "causal" | "context-target",
  rows: number[][],
  lossWeights?: readonly number[],
) {
  const path = join(temporaryFolder(), "train.safetensors");
  const writer = new SafetensorsWriter(path);
  const tokens = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
  await writer.append(TOKEN_TENSORS.tokens, "U16", Uint16Array.from(tokens));
  await writer.append(TOKEN_TENSORS.lossWeights, "U8", Uint8Array.from(lossWeights ?? tokens));
  await writer.append(TOKEN_TENSORS.vocabularyBytes, "U16", new Uint16Array(20));
  const name = objective === "causal" ? WINDOW_TENSORS.pieces : WINDOW_TENSORS.windows;
  await writer.append(name, "I64", BigInt64Array.from(rows.flat().map(BigInt)));
  await writer.commit({}, { [name]: [-1, 3] });
  return TokenSplit.open(path, objective, 8);
}

const plain = (sequence: Sequence) =>
  sequence.map(({ tokens, predictFrom }) => ({ tokens: Array.from(tokens), predictFrom }));

test("packed pieces are read by sequence", async () => {
  const split = await openSplit("causal", [
    [0, 0, 3],
    [0, 7, 2],
    [1, 3, 4],
  ]);
  expect(split.length).toBe(2);
  expect(plain(await split.read(0))).toEqual([
    { tokens: [10, 11, 12], predictFrom: 1 },
    { tokens: [17, 18], predictFrom: 1 },
  ]);
  expect(plain(await split.read(1))).toEqual([{ tokens: [13, 14, 15, 16], predictFrom: 1 }]);
  await split.close();
});

test("of a window, only the target is predicted", async () => {
  const split = await openSplit("context-target", [
    [0, 4, 6],
    [2, 6, 10],
  ]);
  expect(split.length).toBe(2);
  const sequence = await split.read(1);
  expect(plain(sequence)).toEqual([{ tokens: [12, 13, 14, 15, 16, 17, 18, 19], predictFrom: 4 }]);
  expect(lossWeightOf([sequence])).toBeCloseTo((16 + 17 + 18 + 19) / 100);
  const { rows, targets } = layOut([sequence], { sequences: 1, sequenceLength: 8 });
  expect([...rows]).toEqual([3, 4, 5, 6]);
  expect([...targets]).toEqual([16, 17, 18, 19]);
  await split.close();
});

test("loss weights above 100 percent are refused", async () => {
  const weights = [1, 1, 1, 100, 101, 1, 1, 1, 1, 1];
  const split = await openSplit("causal", [[0, 2, 6]], weights);
  await expect(split.read(0)).rejects.toThrow("has the loss weight 101 for token 4");
  await split.close();
});

test("pieces beyond the tokens are refused", async () => {
  await expect(openSplit("causal", [[0, 8, 3]])).rejects.toThrow("a piece from token 8 to 11");
});

const shape = { sequences: 2, sequenceLength: 32 };

test("a document is predicted as if it were alone, wherever it is packed", async () => {
  const model = tinyScratchModel(true);
  const engine = new Engine(model, shape, adamw);
  const [first = [], second = []] = packedSequences(model.config.vocabularySize);
  const losses = async (sequences: Sequence[]) => {
    const batch = layOut(sequences, shape, true);
    return [...(await engine.evaluate(batch)).losses];
  };
  const together = await losses([first, second]);
  const alone: number[] = [];
  for (const piece of [...first, ...second]) alone.push(...(await losses([[piece]])));
  expect(together).toHaveLength(tokensOf([first, second]) - 5 - 5); // first tokens; a late start
  for (const [i, loss] of together.entries()) expect(loss).toBeCloseTo(alone[i] as number, 5);
  engine.dispose();
  model.dispose();
});

test("gradients of micro-batches add up to those of the batch", async () => {
  const sequences = packedSequences(600);
  const gradients = async (size: number) => {
    const model = tinyScratchModel(true);
    const engine = new Engine(model, { ...shape, sequences: size }, adamw);
    const loss = await addBatchGradients(engine, sequences);
    const result = model.parameters.all.map(({ gradient }) => gradient.read());
    engine.dispose();
    model.dispose();
    return { loss, result };
  };
  const [whole, parts] = [await gradients(2), await gradients(1)];
  expect(parts.loss).toBeCloseTo(whole.loss, 5);
  for (const [i, gradient] of parts.result.entries()) {
    const largest = gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const expected = whole.result[i] as Float32Array;
    const difference = gradient.reduce(
      (most, x, j) => Math.max(most, Math.abs(x - (expected[j] as number))),
      0,
    );
    expect(difference / largest).toBeLessThan(1e-4);
  }
});
