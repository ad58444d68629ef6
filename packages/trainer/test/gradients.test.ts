import { describe, expect, test } from "vitest";
import type { Model } from "../src/model/model.ts";
import { lossOf, prepare, tinyModel } from "./support/tiny.ts";

/** Largest relative difference to central finite differences that rounding in F32 explains. */
const TOLERANCE = 2e-3;

/** Compares the gradients of a model's parameters with finite differences of its loss. */
export async function checkGradients(model: Model): Promise<Map<string, number>> {
  const { engine, batch, normaliser } = prepare(model);
  const worst = new Map<string, number>();
  const loss = await engine.addGradients(batch, normaliser);
  expect(loss).toBeCloseTo(await lossOf(engine, batch, normaliser), 5);
  for (const { name, value, gradient } of model.parameters.all) {
    const values = value.read();
    const gradients = gradient.read();
    // The entries with the largest gradients, where finite differences are exact enough to judge.
    const entries = [...gradients.keys()]
      .sort((a, b) => Math.abs(gradients[b] as number) - Math.abs(gradients[a] as number))
      .slice(0, 3);
    for (const entry of entries) {
      const at = async (delta: number) => {
        const moved = values.slice();
        moved[entry] = (values[entry] as number) + delta;
        value.write(moved);
        return { loss: await lossOf(engine, batch, normaliser), x: moved[entry] as number };
      };
      const [up, down] = [await at(5e-3), await at(-5e-3)];
      const numeric = (up.loss - down.loss) / (up.x - down.x);
      const analytic = gradients[entry] as number;
      const difference = Math.abs(numeric - analytic) / (Math.abs(numeric) + Math.abs(analytic));
      worst.set(name, Math.max(worst.get(name) ?? 0, difference));
    }
    value.write(values);
  }
  engine.dispose();
  return worst;
}

describe.each([
  ["tied", true],
  ["untied", false],
])("all weights of a model with %s embeddings", (_, isTied) => {
  test("have the gradients that finite differences have", async () => {
    const worst = await checkGradients(tinyModel(isTied));
    expect(worst.size).toBe(isTied ? 20 : 21);
    for (const [name, difference] of worst) expect(difference, name).toBeLessThan(TOLERANCE);
  });
});
