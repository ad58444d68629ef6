import { readFileSync } from "node:fs";

const widths: Record<string, number> = { U8: 1, U16: 2, U32: 4, I32: 4, I64: 8 };

/** A tensor as plain numbers. */
export interface ReadTensor {
  dtype: string;
  shape: number[];
  values: number[];
}

/**
 * Reads a safetensors file by nothing but the format's description, so that a fault of the reader in
 * use cannot hide one of the writer.
 */
export function readSafetensors(path: string): {
  tensors: Record<string, ReadTensor>;
  metadata: Record<string, string>;
} {
  const bytes = readFileSync(path);
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, headerEnd).toString("utf8"));
  const tensors: Record<string, ReadTensor> = {};
  let expectedStart = 0;
  for (const [name, entry] of Object.entries<{
    dtype: string;
    shape: number[];
    data_offsets: [number, number];
  }>(header)) {
    if (name === "__metadata__") continue;
    const { dtype, shape, data_offsets } = entry;
    const [start, end] = data_offsets;
    const width = widths[dtype] ?? 0;
    if (start !== expectedStart) throw new Error(`There is a gap before ${name}.`);
    if (start % width !== 0) throw new Error(`${name} is not aligned.`);
    expectedStart = end;
    const values: number[] = [];
    for (let at = headerEnd + start; at < headerEnd + end; at += width) {
      if (dtype === "I64") values.push(Number(bytes.readBigInt64LE(at)));
      else if (dtype === "I32") values.push(bytes.readInt32LE(at));
      else values.push(bytes.readUIntLE(at, width));
    }
    tensors[name] = { dtype, shape, values };
  }
  if (headerEnd + expectedStart !== bytes.length) throw new Error("Bytes follow the last tensor.");
  return { tensors, metadata: header.__metadata__ };
}
