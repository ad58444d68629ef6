import { expect, test } from "vitest";
import { native } from "../src/native/load.ts";
import { dequantizeRows, quantizeRows, quantizeRowsAsync } from "../src/quantize.ts";
import { GGML_TYPES, type GgmlType, ggmlTypeOf, rowBytes, tensorBytes } from "../src/types.ts";

const types = Object.keys(GGML_TYPES) as GgmlType[];

test.each(types)("%s has the block that the library says it has", (type) => {
  const { id, blockSize, blockBytes } = GGML_TYPES[type];
  expect(native().ggml_blck_size(id)).toBe(blockSize);
  expect(native().ggml_type_size(id)).toBe(blockBytes);
  expect(ggmlTypeOf(id)).toBe(type);
});

test("sizes count whole blocks", () => {
  expect(tensorBytes("Q4_K", [512, 3])).toBe(2 * 144 * 3);
  expect(() => rowBytes("Q4_K", 320)).toThrow("whole blocks of 256");
});

const values = Float32Array.from({ length: 3 * 512 }, (_, i) => Math.sin(i * 1.7) * (1 + (i % 7)));
const meanError = (type: GgmlType) => {
  const back = dequantizeRows(type, quantizeRows(type, values, 3, 512), 3, 512);
  return (
    values.reduce((sum, value, i) => sum + Math.abs(value - (back[i] ?? 0)), 0) / values.length
  );
};

// Values reach ±7; a block of n bits has steps of about 14 / 2^n.
test.each([
  ["F32", 0],
  ["F16", 0.001],
  ["BF16", 0.02],
  ["Q8_0", 0.02],
  ["Q6_K", 0.1],
  ["Q5_K", 0.15],
  ["Q4_K", 0.3],
  ["Q4_0", 0.3],
] as const)("%s keeps values within %f on average", (type, bound) => {
  expect(meanError(type)).toBeLessThanOrEqual(bound);
});

test("sizes that do not fit are refused", () => {
  expect(() => quantizeRows("Q8_0", values, 3, 500)).toThrow("take 1500");
  expect(() => dequantizeRows("Q8_0", new Uint8Array(33), 1, 32)).toThrow("not 33");
  expect(() => quantizeRows("I32", values, 3, 512)).toThrow("I32");
});

test.each(types)(
  "%s converts both ways, or is refused where ggml would end the process",
  (type) => {
    const attempt = <T>(convert: () => T): T | string => {
      try {
        return convert();
      } catch (error) {
        return (error as { code?: string }).code ?? "no StageError";
      }
    };
    const to = attempt(() => quantizeRows(type, values, 3, 512));
    const from = attempt(() =>
      dequantizeRows(type, new Uint8Array(3 * rowBytes(type, 512)), 3, 512),
    );
    if (typeof to === "string") expect(to).toBe("E_UNSUPPORTED");
    else expect(to).toHaveLength(3 * rowBytes(type, 512));
    if (typeof from === "string") expect(from).toBe("E_UNSUPPORTED");
    else expect(from).toHaveLength(3 * 512);
  },
);

test("threads give what quantizeRows gives", async () => {
  const all = await Promise.all(
    (["F16", "Q4_0", "Q4_K", "Q6_K", "Q8_0"] as const).map(async (type) => ({
      type,
      bytes: await quantizeRowsAsync(type, values, 3, 512),
    })),
  );
  for (const { type, bytes } of all) expect(bytes).toEqual(quantizeRows(type, values, 3, 512));
});
