import { StageError } from "@repotune/schema";
import {
  ALIGNMENT_KEY,
  DEFAULT_ALIGNMENT,
  isAlignment,
  MAX_HEADER_BYTES,
  malformedGguf,
} from "./format.ts";
import type { HeaderCursor } from "./header-cursor.ts";
import { GgufMetadata } from "./metadata.ts";
import { GGUF_VALUE_TYPES, type GgufArray, type GgufValue, type GgufValueType } from "./value.ts";

/** Reads `count` keys and values. */
export async function readMetadata(cursor: HeaderCursor, count: number): Promise<GgufMetadata> {
  const metadata = new GgufMetadata(cursor.path);
  for (let i = 0; i < count; i++) {
    const key = await cursor.string(`metadata key ${i}`);
    if (key === "") throw malformedGguf(cursor.path, `metadata key ${i} is empty`);
    if (metadata.has(key)) throw malformedGguf(cursor.path, `it has the key "${key}" twice`);
    metadata.set(key, await readValue(cursor, key));
  }
  return metadata;
}

/** What the data section and the tensors in it are aligned to. */
export function alignmentOf(metadata: GgufMetadata): number {
  const entry = metadata.get(ALIGNMENT_KEY);
  if (!entry) return DEFAULT_ALIGNMENT;
  if (entry.type === "u32" && isAlignment(entry.value)) return entry.value;
  throw malformedGguf(
    metadata.path,
    `"${ALIGNMENT_KEY}" is ${entry.value} (${entry.type}), not a power of two (u32)`,
  );
}

async function readValue(cursor: HeaderCursor, key: string): Promise<GgufValue> {
  const what = `the value of "${key}"`;
  const type = await readType(cursor, what);
  if (type === "array") return readArray(cursor, key);
  if (type === "string") return { type, value: await cursor.string(what) };
  if (type === "bool") {
    const [value] = await readBooleans(cursor, 1, what);
    return { type, value: value === true };
  }
  const [value] = await cursor.numbers(type, 1, what);
  return { type, value } as GgufValue;
}

async function readArray(cursor: HeaderCursor, key: string): Promise<GgufArray> {
  const what = `the array "${key}"`;
  const elementType = await readType(cursor, what);
  const count = await cursor.count(MAX_HEADER_BYTES, what);
  if (elementType === "array") {
    throw new StageError("E_UNSUPPORTED", `${cursor.path} has "${key}" as an array of arrays.`, {
      hint: "llama.cpp cannot read such a file either: convert the model anew.",
    });
  }
  if (elementType === "string") {
    return { type: "array", elementType, value: await cursor.strings(count, what) };
  }
  if (elementType === "bool") {
    return { type: "array", elementType, value: await readBooleans(cursor, count, what) };
  }
  return {
    type: "array",
    elementType,
    value: await cursor.numbers(elementType, count, what),
  } as GgufArray;
}

async function readType(cursor: HeaderCursor, what: string): Promise<GgufValueType> {
  const id = await cursor.u32(what);
  const type = GGUF_VALUE_TYPES[id];
  if (type) return type;
  throw malformedGguf(cursor.path, `${what} has the unknown type ${id}`);
}

async function readBooleans(cursor: HeaderCursor, count: number, what: string) {
  return Array.from(await cursor.bytes(count, what), (byte) => {
    if (byte > 1) throw malformedGguf(cursor.path, `${what} has ${byte} for a boolean`);
    return byte === 1;
  });
}
