import { Device } from "@repotune/ggml";
import { tinyModel } from "@repotune/test-kit/models";
import { afterAll, expect, test } from "vitest";
import { BaseModelFile } from "../src/model/base.ts";
import { cpu, prepare } from "./support/tiny.ts";

/** The CPU, taken for a device with memory of its own. */
const gpu = Device.open("cpu", 1);
Object.assign(gpu.info, { kind: "gpu" });
afterAll(() => gpu.dispose());

const lora = { rank: 4, alpha: 8, targets: undefined, seed: 1 };

test.each(["F32", "Q8_0", "Q4_K"] as const)(
  "rows of a %s embedding on the host are those that a device looks up",
  async (type) => {
    const base = await BaseModelFile.open(await tinyModel({ type }));
    for (const kept of ["inputs", "results", "inputs_on_host"] as const) {
      const results = [];
      const norms: number[] = [];
      for (const device of [cpu, gpu]) {
        const model = await base.load(device, lora);
        expect(model.weight("token_embd.weight").isOnHost).toBe(device === gpu ? true : undefined);
        const { engine, batch, normaliser } = prepare(model, kept);
        const { losses } = await engine.evaluate(batch);
        const loss = await engine.addGradients(batch, normaliser);
        results.push({ losses, loss });
        norms.push(await engine.gradientNorm());
        engine.dispose();
        model.dispose();
      }
      expect(results[1]).toEqual(results[0]);
      const [norm, hosted] = norms as [number, number]; // a GPU's transposes have eight bits
      expect(hosted / norm).toBeCloseTo(1, type === "F32" ? 6 : 2);
    }
    await base.close();
  },
);

test("an embedding that is the output matrix, too, stays on the device", async () => {
  const base = await BaseModelFile.open(await tinyModel({ tied: true }));
  const model = await base.load(gpu, lora);
  expect(model.weight("token_embd.weight").isOnHost).toBeUndefined();
  expect(model.memory.host).toBe(0);
  model.dispose();
  await base.close();
});
