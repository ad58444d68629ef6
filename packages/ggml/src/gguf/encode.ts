import { GGUF_VALUE_TYPES, type GgufValue, type GgufValueType } from "./value.ts";

const encoders: Record<
  Exclude<GgufValueType, "string" | "array" | "bool" | "u64" | "i64">,
  [bytes: number, write: (buffer: Buffer, value: number) => number]
> = {
  u8: [1, (buffer, value) => buffer.writeUInt8(value)],
  i8: [1, (buffer, value) => buffer.writeInt8(value)],
  u16: [2, (buffer, value) => buffer.writeUInt16LE(value)],
  i16: [2, (buffer, value) => buffer.writeInt16LE(value)],
  u32: [4, (buffer, value) => buffer.writeUInt32LE(value)],
  i32: [4, (buffer, value) => buffer.writeInt32LE(value)],
  f32: [4, (buffer, value) => buffer.writeFloatLE(value)],
  f64: [8, (buffer, value) => buffer.writeDoubleLE(value)],
};

/** A u32, little-endian. */
export const encodeU32 = (value: number): Buffer => fixed(4, (b) => b.writeUInt32LE(value));

/** A u64, little-endian. */
export const encodeU64 = (value: number | bigint): Buffer =>
  fixed(8, (b) => b.writeBigUInt64LE(BigInt(value)));

/** A string: u64 length and UTF-8 bytes. */
export function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([encodeU64(bytes.length), bytes]);
}

/**
 * A metadata value with its type in front.
 *
 * @throws {RangeError} for a number outside its type.
 */
export function encodeValue(entry: GgufValue): Buffer {
  const type = encodeType(entry.type);
  switch (entry.type) {
    case "string":
      return Buffer.concat([type, encodeString(entry.value)]);
    case "bool":
      return Buffer.concat([type, Buffer.of(entry.value ? 1 : 0)]);
    case "u64":
      return Buffer.concat([type, encodeU64(entry.value)]);
    case "i64":
      return Buffer.concat([type, fixed(8, (b) => b.writeBigInt64LE(entry.value))]);
    case "array": {
      const count = encodeU64(entry.value.length);
      return Buffer.concat([type, encodeType(entry.elementType), count, ...elements(entry)]);
    }
    default: {
      const [bytes, write] = encoders[entry.type];
      return Buffer.concat([type, fixed(bytes, (b) => write(b, entry.value))]);
    }
  }
}

function elements(entry: GgufValue & { type: "array" }): Uint8Array[] {
  if (entry.elementType === "string") return entry.value.map(encodeString);
  if (entry.elementType === "bool") return [Uint8Array.from(entry.value, Number)];
  const { buffer, byteOffset, byteLength } = entry.value;
  return [new Uint8Array(buffer, byteOffset, byteLength)];
}

const encodeType = (type: GgufValueType): Buffer => encodeU32(GGUF_VALUE_TYPES.indexOf(type));

function fixed(bytes: number, write: (buffer: Buffer) => number): Buffer {
  const buffer = Buffer.alloc(bytes);
  write(buffer);
  return buffer;
}
