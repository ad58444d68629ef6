import { type GgmlType, type GgufTensorInfo, isQuantized, rowBytes } from "@repotune/ggml";

/** What a merged file can be made of: `base` keeps the type that each tensor has in the base. */
export const MERGE_TYPES = [
  "none",
  "base",
  "F32",
  "F16",
  "Q8_0",
  "Q4_0",
  "Q4_K_M",
  "Q5_K_M",
  "Q6_K",
] as const;
export type MergeType = (typeof MERGE_TYPES)[number];
