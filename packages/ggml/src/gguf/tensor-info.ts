import { StageError } from "@repotune/schema";
import { GGML_TYPES, type GgmlType, ggmlTypeOf, tensorBytes } from "../types.ts";
import { align, MAX_DIMENSIONS, MAX_TENSOR_NAME_BYTES, malformedGguf } from "./format.ts";
import type { HeaderCursor } from "./header-cursor.ts";

/** A tensor of a GGUF file. */
export interface GgufTensorInfo {
  name: string;
  type: GgmlType;
  /** Sizes as ggml orders them (`ne`): the innermost, contiguous dimension first. */
  shape: readonly number[];
  /** First byte, counted from the start of the data section. */
  offset: number;
  /** Length of the data. */
  bytes: number;
}

/** Reads `count` tensor descriptions and checks that they fill the data section without gaps. */
export async function readTensorInfos(
  cursor: HeaderCursor,
  count: number,
  alignment: number,
): Promise<Map<string, GgufTensorInfo>> {
  const tensors = new Map<string, GgufTensorInfo>();
  let end = 0;
  for (let i = 0; i < count; i++) {
    const info = await readTensorInfo(cursor, i);
    if (tensors.has(info.name)) {
      throw malformedGguf(cursor.path, `it has the tensor "${info.name}" twice`);
    }
    // llama.cpp asks for this too. It also tells an offset that is wrong from a file that is cut.
    if (info.offset !== end) {
      throw malformedGguf(
        cursor.path,
        `the tensor "${info.name}" has offset ${info.offset} where ${end} follows from the others`,
      );
    }
    end = align(info.offset + info.bytes, alignment);
    tensors.set(info.name, info);
  }
  return tensors;
}

async function readTensorInfo(cursor: HeaderCursor, index: number): Promise<GgufTensorInfo> {
  const name = await cursor.string(`the name of tensor ${index}`);
  if (Buffer.byteLength(name) >= MAX_TENSOR_NAME_BYTES) {
    throw malformedGguf(cursor.path, `tensor ${index} has a name of ${name.length} characters`);
  }
  // To ggml, a name ends there.
  if (name.includes("\0"))
    throw malformedGguf(cursor.path, `tensor ${index} has a NUL in its name`);
  const what = `the description of tensor "${name}"`;
  const dimensions = await cursor.u32(what);
  if (dimensions > MAX_DIMENSIONS) {
    throw malformedGguf(cursor.path, `the tensor "${name}" has ${dimensions} dimensions`);
  }
  const shape: number[] = [];
  for (let i = 0; i < dimensions; i++) {
    shape.push(await cursor.count(Number.MAX_SAFE_INTEGER, `dimension ${i} of tensor "${name}"`));
  }
  const type = knownType(cursor.path, name, await cursor.u32(what));
  const offset = await cursor.count(Number.MAX_SAFE_INTEGER, `the offset of tensor "${name}"`);
  return { name, type, shape, offset, bytes: checkedBytes(cursor.path, name, type, shape) };
}

/** The type with the id that the file gives. */
function knownType(path: string, name: string, id: number): GgmlType {
  const type = ggmlTypeOf(id);
  if (type) return type;
  throw new StageError(
    "E_UNSUPPORTED",
    `${path} has the tensor "${name}" in the unknown type ${id}.`,
    { hint: "Get or convert the model in a common type such as F16, Q8_0 or Q4_K_M." },
  );
}

/**
 * Bytes of a tensor of `type` and `shape`.
 *
 * @throws {StageError} `E_INPUT` for a row that is no whole number of blocks, or a size beyond 2^53.
 */
export function checkedBytes(
  path: string,
  name: string,
  type: GgmlType,
  shape: readonly number[],
): number {
  const rowLength = shape[0] ?? 1;
  const { blockSize } = GGML_TYPES[type];
  if (rowLength % blockSize !== 0) {
    throw malformedGguf(
      path,
      `the tensor "${name}" has rows of ${rowLength}, but ${type} comes in blocks of ${blockSize}`,
    );
  }
  const bytes = tensorBytes(type, shape);
  if (bytes > Number.MAX_SAFE_INTEGER) {
    throw malformedGguf(path, `the tensor "${name}" has the impossible shape ${shape.join("×")}`);
  }
  return bytes;
}
