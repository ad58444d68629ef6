import { readFileSync } from "node:fs";

/** Reads a one-dimensional array by nothing but the description of numpy's format 1.0. */
export function readNpy(path: string): { dtype: string; values: number[] } {
  const bytes = readFileSync(path);
  if (bytes.subarray(0, 8).toString("latin1") !== "\x93NUMPY\x01\x00") throw new Error("No array.");
  const start = 10 + bytes.readUInt16LE(8);
  if (start % 64 !== 0 || bytes[start - 1] !== 10) throw new Error("The data is not aligned.");
  const head = bytes.subarray(10, start).toString("latin1");
  const [, dtype = "", length = ""] =
    /^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \((\d+),\), \} *\n$/.exec(head) ?? [];
  const width = Number(dtype.at(-1));
  const values = Array.from({ length: Number(length) }, (_, i) =>
    width === 8
      ? Number(bytes.readBigInt64LE(start + 8 * i))
      : bytes.readUIntLE(start + width * i, width),
  );
  if (start + width * values.length !== bytes.length)
    throw new Error("Bytes are missing, or left.");
  return { dtype, values };
}
