import { StageError } from "@repotune/schema";

/** The first four bytes. */
export const GGUF_MAGIC = "GGUF";

/** The version written here; version 2 differs only in allowing fewer things and is read too. */
export const GGUF_VERSION = 3;

/** Tensor data starts at multiples of this many bytes, unless `general.alignment` says otherwise. */
export const DEFAULT_ALIGNMENT = 32;

/** Metadata key, of type u32, that sets another alignment. */
export const ALIGNMENT_KEY = "general.alignment";

/** Tensor names are shorter than this, in bytes (`GGML_MAX_NAME` of ggml.h). */
export const MAX_TENSOR_NAME_BYTES = 64;

/** Tensors have at most four dimensions (`GGML_MAX_DIMS` of ggml.h). */
export const MAX_DIMENSIONS = 4;

/**
 * Limits against memory exhaustion by a hostile file. The largest real headers (vocabularies of
 * 260,000 tokens with merges) take about 20 MB; the largest models have some thousand tensors.
 */
export const MAX_HEADER_BYTES = 256 << 20;
export const MAX_ENTRIES = 1 << 20;

/** The next multiple of `alignment` from `offset` on. */
export const align = (offset: number, alignment: number): number =>
  Math.ceil(offset / alignment) * alignment;

/** Whether `value` can be an alignment: a power of two. */
export const isAlignment = (value: number): boolean =>
  value > 0 && Number.isInteger(Math.log2(value));

/** The error for a file that ends too early. */
export const truncatedGguf = (path: string, expected: number, actual: number, what: string) =>
  new StageError(
    "E_TRUNCATED",
    `${path} is cut off in ${what}: it has ${actual} bytes of at least ${expected}.`,
    { hint: "The file is incomplete: download or write it anew." },
  );

/** The error for a file that no correct program writes. */
export const malformedGguf = (path: string, problem: string) =>
  new StageError("E_INPUT", `${path} is a malformed GGUF file: ${problem}.`, {
    hint: "The file is damaged: download or write it anew.",
  });
