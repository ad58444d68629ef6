import type { GgufValue } from "../../src/gguf/value.ts";
import { type GgufTensorSpec, GgufWriter } from "../../src/gguf/writer.ts";

/** A value of every type of the format, and some that have been trouble. */
export const everyType: [string, GgufValue][] = [
  ["general.architecture", { type: "string", value: "llama" }],
  ["u8", { type: "u8", value: 255 }],
  ["i8", { type: "i8", value: -128 }],
  ["u16", { type: "u16", value: 65535 }],
  ["i16", { type: "i16", value: -32768 }],
  ["u32", { type: "u32", value: 4294967295 }],
  ["i32", { type: "i32", value: -2147483648 }],
  ["f32", { type: "f32", value: Math.fround(1e-5) }],
  ["f64", { type: "f64", value: Math.PI }],
  ["u64", { type: "u64", value: 2n ** 64n - 1n }],
  ["i64", { type: "i64", value: -(2n ** 63n) }],
  ["bool", { type: "bool", value: true }],
  ["empty string", { type: "string", value: "" }],
  ["emoji 🦀", { type: "string", value: "▁né 🦀\0\n" }],
  ["no strings", { type: "array", elementType: "string", value: [] }],
  ["strings", { type: "array", elementType: "string", value: ["", "Ġfn", "🦀"] }],
  ["bools", { type: "array", elementType: "bool", value: [true, false, true] }],
  ["u8s", { type: "array", elementType: "u8", value: Uint8Array.of(0, 255) }],
  ["i8s", { type: "array", elementType: "i8", value: Int8Array.of(-1, 1) }],
  ["u16s", { type: "array", elementType: "u16", value: Uint16Array.of(1, 65535) }],
  ["i16s", { type: "array", elementType: "i16", value: Int16Array.of(-1, 1) }],
  ["u32s", { type: "array", elementType: "u32", value: Uint32Array.of(1, 2 ** 32 - 1) }],
  ["i32s", { type: "array", elementType: "i32", value: Int32Array.of(-1, 1) }],
  ["f32s", { type: "array", elementType: "f32", value: Float32Array.of(0.5, -0) }],
  ["u64s", { type: "array", elementType: "u64", value: BigUint64Array.of(2n ** 63n) }],
  ["i64s", { type: "array", elementType: "i64", value: BigInt64Array.of(-1n) }],
  ["f64s", { type: "array", elementType: "f64", value: Float64Array.of(0.1) }],
];

/** Tensors of which each ends within a unit of alignment. */
export const someTensors: GgufTensorSpec[] = [
  { name: "a", type: "F32", shape: [3] },
  { name: "b", type: "Q8_0", shape: [64, 2] },
  { name: "c", type: "F16", shape: [1, 2, 3, 4] },
];

/** Bytes that differ from tensor to tensor and place to place. */
export const patternOf = (index: number, bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + index * 31 + 1) & 255);

/** Writes a GGUF file whose tensors are filled with {@link patternOf}. */
export async function writeSample(
  path: string,
  metadata: Iterable<readonly [string, GgufValue]>,
  tensors: readonly GgufTensorSpec[] = [],
): Promise<string> {
  const writer = await GgufWriter.create(path, metadata, tensors);
  for (const [i, { name, bytes }] of writer.tensors.entries()) {
    await writer.write(name, patternOf(i, bytes));
  }
  return (await writer.commit()).path;
}
