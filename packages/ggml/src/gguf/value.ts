/**
 * Names of the value types of GGUF metadata; the position is the id in the file.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (`gguf_metadata_value_type`).
 */
export const GGUF_VALUE_TYPES = [
  "u8",
  "i8",
  "u16",
  "i16",
  "u32",
  "i32",
  "f32",
  "bool",
  "string",
  "array",
  "u64",
  "i64",
  "f64",
] as const;

/** Name of a value type, as llama.cpp abbreviates them (but `string`, `array`). */
export type GgufValueType = (typeof GGUF_VALUE_TYPES)[number];

/** What holds the elements of an array, by element type. */
interface ArrayValues {
  u8: Uint8Array;
  i8: Int8Array;
  u16: Uint16Array;
  i16: Int16Array;
  u32: Uint32Array;
  i32: Int32Array;
  f32: Float32Array;
  u64: BigUint64Array;
  i64: BigInt64Array;
  f64: Float64Array;
  bool: readonly boolean[];
  string: readonly string[];
}

/** Types of the elements of an array; the format's nested arrays are in no real file. */
export type GgufElementType = keyof ArrayValues;

/** A homogeneous array. */
export type GgufArray = {
  [E in GgufElementType]: { type: "array"; elementType: E; value: ArrayValues[E] };
}[GgufElementType];

/** One typed metadata value; a plain object, so `{ type: "u32", value: 2048 }` makes one. */
export type GgufValue =
  | { type: "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "f32" | "f64"; value: number }
  | { type: "u64" | "i64"; value: bigint }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string }
  | GgufArray;

/** The typed arrays, by element type; all little-endian in the file, as on every host Node runs on. */
export const numericArrays = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f64: Float64Array,
} as const;

/** Element types whose arrays are typed arrays. */
export type GgufNumericType = keyof typeof numericArrays;
