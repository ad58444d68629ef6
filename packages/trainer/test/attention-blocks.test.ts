import { expect, test } from "vitest";
import { layOut } from "../src/data/micro-batch.ts";
import { lossWeightOf, type Sequence } from "../src/data/sequence.ts";
import { Engine } from "../src/engine/engine.ts";
import { Random } from "../src/random.ts";
import { adamw, lossOf, tinyConfig, tinyScratchModel } from "./support/tiny.ts";

/** More than two blocks of queries, the last one not full. */
const LENGTH = 300;
const shape = { sequences: 2, sequenceLength: LENGTH };

function sequences(): Sequence[] {
  const random = new Random(2);
  const piece = (length: number) => ({
    tokens: Array.from({ length }, () => Math.floor(random.uniform() * tinyConfig.vocabularySize)),
    lossWeights: new Array<number>(length).fill(100),
    predictFrom: 1,
  });
  // Pieces that span several blocks, end at a block's bound, and leave room at the end.
  return [[piece(100), piece(28), piece(150)], [piece(LENGTH)]];
}

test.each([
  ["layer by layer", "inputs"],
  ["layer by layer, from the host", "inputs_on_host"],
  ["at once", "results"],
] as const)(
  "attention over several blocks has the gradients of finite differences, %s",
  async (_, kept) => {
    const model = tinyScratchModel(false, { ...tinyConfig, contextLength: LENGTH });
    const engine = new Engine(model, shape, adamw, kept);
    const packed = sequences();
    const batch = layOut(packed, shape);
    const normaliser = lossWeightOf(packed);
    await engine.addGradients(batch, normaliser);
    const checked = model.parameters.all.filter(({ name }) => /attn_[qkv]\.|attn_norm/.test(name));
    expect(checked).toHaveLength(8);
    for (const { name, value, gradient } of checked) {
      const values = value.read();
      const gradients = gradient.read();
      const entry = gradients.reduce(
        (best, x, i) => (Math.abs(x) > Math.abs(gradients[best] as number) ? i : best),
        0,
      );
      const at = async (delta: number) => {
        const moved = values.slice();
        moved[entry] = (values[entry] as number) + delta;
        value.write(moved);
        return { loss: await lossOf(engine, batch, normaliser), x: moved[entry] as number };
      };
      const [up, down] = [await at(1e-2), await at(-1e-2)];
      value.write(values);
      const numeric = (up.loss - down.loss) / (up.x - down.x);
      const analytic = gradients[entry] as number;
      const difference = Math.abs(numeric - analytic) / (Math.abs(numeric) + Math.abs(analytic));
      expect(difference, name).toBeLessThan(2e-3);
    }
    engine.dispose();
    model.dispose();
  },
);

test("what comes later in a sequence, or in another piece, changes nothing", async () => {
  const model = tinyScratchModel(true, { ...tinyConfig, contextLength: LENGTH });
  const engine = new Engine(model, shape, adamw);
  const original = sequences();
  const before = await engine.evaluate(layOut(original, shape));
  const changed = original.map((sequence) =>
    sequence.map((piece) => ({ ...piece, tokens: [...(piece.tokens as number[])] })),
  );
  // The second piece of the first sequence, and the last token of the second sequence.
  changed[0]?.[1]?.tokens.fill(3);
  changed[1]?.[0]?.tokens.splice(LENGTH - 1, 1, 3);
  const after = await engine.evaluate(layOut(changed, shape));
  const own = (losses: Float32Array) => {
    const first = losses.subarray(0, 99); // piece 1 of sequence 1
    const third = losses.subarray(99 + 27, 99 + 27 + 149); // piece 3
    const second = losses.subarray(99 + 27 + 149, -1); // sequence 2 without its last prediction
    return [...first, ...third, ...second];
  };
  expect(own(after.losses)).toEqual(own(before.losses));
  expect([...after.losses]).not.toEqual([...before.losses]);
  engine.dispose();
  model.dispose();
});
