import { StageError } from "@repotune/schema";

/**
 * Element types of tensors: their number in ggml and in GGUF files, how many elements share a
 * block, and how many bytes a block takes.
 *
 * From `enum ggml_type` (ggml.h) and the block structures of ggml-common.h.
 */
export const GGML_TYPES = {
  F32: { id: 0, blockSize: 1, blockBytes: 4 },
  F16: { id: 1, blockSize: 1, blockBytes: 2 },
  Q4_0: { id: 2, blockSize: 32, blockBytes: 18 },
  Q4_1: { id: 3, blockSize: 32, blockBytes: 20 },
  Q5_0: { id: 6, blockSize: 32, blockBytes: 22 },
  Q5_1: { id: 7, blockSize: 32, blockBytes: 24 },
  Q8_0: { id: 8, blockSize: 32, blockBytes: 34 },
  Q8_1: { id: 9, blockSize: 32, blockBytes: 36 },
  Q2_K: { id: 10, blockSize: 256, blockBytes: 84 },
  Q3_K: { id: 11, blockSize: 256, blockBytes: 110 },
  Q4_K: { id: 12, blockSize: 256, blockBytes: 144 },
  Q5_K: { id: 13, blockSize: 256, blockBytes: 176 },
  Q6_K: { id: 14, blockSize: 256, blockBytes: 210 },
  Q8_K: { id: 15, blockSize: 256, blockBytes: 292 },
  IQ2_XXS: { id: 16, blockSize: 256, blockBytes: 66 },
  IQ2_XS: { id: 17, blockSize: 256, blockBytes: 74 },
  IQ3_XXS: { id: 18, blockSize: 256, blockBytes: 98 },
  IQ1_S: { id: 19, blockSize: 256, blockBytes: 50 },
  IQ4_NL: { id: 20, blockSize: 32, blockBytes: 18 },
  IQ3_S: { id: 21, blockSize: 256, blockBytes: 110 },
  IQ2_S: { id: 22, blockSize: 256, blockBytes: 82 },
  IQ4_XS: { id: 23, blockSize: 256, blockBytes: 136 },
  I8: { id: 24, blockSize: 1, blockBytes: 1 },
  I16: { id: 25, blockSize: 1, blockBytes: 2 },
  I32: { id: 26, blockSize: 1, blockBytes: 4 },
  I64: { id: 27, blockSize: 1, blockBytes: 8 },
  F64: { id: 28, blockSize: 1, blockBytes: 8 },
  IQ1_M: { id: 29, blockSize: 256, blockBytes: 56 },
  BF16: { id: 30, blockSize: 1, blockBytes: 2 },
  TQ1_0: { id: 34, blockSize: 256, blockBytes: 54 },
  TQ2_0: { id: 35, blockSize: 256, blockBytes: 66 },
  MXFP4: { id: 39, blockSize: 32, blockBytes: 17 },
  NVFP4: { id: 40, blockSize: 64, blockBytes: 36 },
  Q1_0: { id: 41, blockSize: 128, blockBytes: 18 },
  Q2_0: { id: 42, blockSize: 64, blockBytes: 18 },
} as const;

/** Name of an element type, e.g. `"F32"` or `"Q4_K"`. */
export type GgmlType = keyof typeof GGML_TYPES;

const byId = new Map<number, GgmlType>(
  Object.entries(GGML_TYPES).map(([name, { id }]) => [id, name as GgmlType]),
);

/** The element type numbered `id`, or `undefined` if this package does not know it. */
export const ggmlTypeOf = (id: number): GgmlType | undefined => byId.get(id);

/** Whether elements share blocks with a common scale, so that single ones cannot be addressed. */
export const isQuantized = (type: GgmlType): boolean => GGML_TYPES[type].blockSize > 1;

/**
 * Bytes of one row of `columns` elements.
 *
 * @throws {StageError} `E_INPUT` if a row does not hold whole blocks.
 */
export function rowBytes(type: GgmlType, columns: number): number {
  const { blockSize, blockBytes } = GGML_TYPES[type];
  if (columns % blockSize === 0) return (columns / blockSize) * blockBytes;
  throw new StageError(
    "E_INPUT",
    `A row of ${columns} elements cannot be ${type}: it does not hold whole blocks of ${blockSize}.`,
  );
}

/**
 * Bytes of a tensor.
 *
 * @param shape elements along each dimension, the fastest-running one first, as ggml and GGUF order
 *   them.
 */
export const tensorBytes = (type: GgmlType, shape: readonly number[]): number =>
  rowBytes(type, shape[0] ?? 1) * shape.slice(1).reduce((product, n) => product * n, 1);
