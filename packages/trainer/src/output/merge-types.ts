import {
  type GgmlType,
  type GgufFile,
  type GgufTensorInfo,
  type GgufValue,
  QUANTIZATION_RECIPES,
  quantizedTensors,
} from "@repotune/ggml";
import type { MERGE_TYPES } from "../options.ts";

/** What a whole model is written in. */
export type MergeType = Exclude<(typeof MERGE_TYPES)[number], "none">;

/** `GGML_QNT_VERSION` (ggml.h). */
const QUANTIZATION_VERSION = 2;
/** Keys of a part of a split model, which a whole one must not have. */
const SPLIT_KEY = /^split\./;

/** A tensor of a base, and the type that it gets. */
export interface MergedTensor {
  source: GgufTensorInfo;
  type: GgmlType;
}

/** The tensors of a merged file in its order, as `llama-quantize` would choose and order them. */
export function mergedTensors(merge: MergeType, { metadata, tensors }: GgufFile): MergedTensor[] {
  if (merge !== "base") return quantizedTensors(merge, metadata, tensors.values());
  return [...tensors.values()].map((source) => ({ source, type: source.type }));
}

/** The metadata of a merged file: the base's, with the types that it has itself. */
export function mergedMetadata(merge: MergeType, { metadata }: GgufFile): Map<string, GgufValue> {
  const kept = new Map([...metadata].filter(([key]) => !SPLIT_KEY.test(key)));
  if (merge === "base") return kept;
  const { fileType } = QUANTIZATION_RECIPES[merge];
  return kept
    .set("general.file_type", { type: "u32", value: fileType })
    .set("general.quantization_version", { type: "u32", value: QUANTIZATION_VERSION });
}
