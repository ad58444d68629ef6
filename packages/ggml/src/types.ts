/** Ids of ggml's tensor types (`enum ggml_type` of ggml.h); the gaps were removed from ggml. */
export const GgmlType = {
  F32: 0,
  F16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q5_0: 6,
  Q5_1: 7,
  Q8_0: 8,
  Q8_1: 9,
  Q2_K: 10,
  Q3_K: 11,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
  Q8_K: 15,
  IQ2_XXS: 16,
  IQ2_XS: 17,
  IQ3_XXS: 18,
  IQ1_S: 19,
  IQ4_NL: 20,
  IQ3_S: 21,
  IQ2_S: 22,
  IQ4_XS: 23,
  I8: 24,
  I16: 25,
  I32: 26,
  I64: 27,
  F64: 28,
  IQ1_M: 29,
  BF16: 30,
  TQ1_0: 34,
  TQ2_0: 35,
  MXFP4: 39,
  NVFP4: 40,
  Q1_0: 41,
  Q2_0: 42,
} as const;

/** Name of a tensor type. */
export type GgmlTypeName = keyof typeof GgmlType;

/** Id of a tensor type. */
export type GgmlType = (typeof GgmlType)[GgmlTypeName];

/** How a type stores its elements: in blocks of `blockSize` elements of `bytesPerBlock` bytes. */
export interface GgmlTypeTraits {
  name: GgmlTypeName;
  blockSize: number;
  bytesPerBlock: number;
}

/** [elements, bytes] of a block, as `ggml_blck_size` and `ggml_type_size` of ggml 0.25.1 give them. */
const blocks: Record<GgmlTypeName, readonly [blockSize: number, bytesPerBlock: number]> = {
  F32: [1, 4],
  F16: [1, 2],
  Q4_0: [32, 18],
  Q4_1: [32, 20],
  Q5_0: [32, 22],
  Q5_1: [32, 24],
  Q8_0: [32, 34],
  Q8_1: [32, 36],
  Q2_K: [256, 84],
  Q3_K: [256, 110],
  Q4_K: [256, 144],
  Q5_K: [256, 176],
  Q6_K: [256, 210],
  Q8_K: [256, 292],
  IQ2_XXS: [256, 66],
  IQ2_XS: [256, 74],
  IQ3_XXS: [256, 98],
  IQ1_S: [256, 50],
  IQ4_NL: [32, 18],
  IQ3_S: [256, 110],
  IQ2_S: [256, 82],
  IQ4_XS: [256, 136],
  I8: [1, 1],
  I16: [1, 2],
  I32: [1, 4],
  I64: [1, 8],
  F64: [1, 8],
  IQ1_M: [256, 56],
  BF16: [1, 2],
  TQ1_0: [256, 54],
  TQ2_0: [256, 66],
  MXFP4: [32, 17],
  NVFP4: [64, 36],
  Q1_0: [128, 18],
  Q2_0: [64, 18],
};

const traitsById = new Map<number, GgmlTypeTraits>(
  (Object.keys(GgmlType) as GgmlTypeName[]).map((name) => {
    const [blockSize, bytesPerBlock] = blocks[name];
    return [GgmlType[name], { name, blockSize, bytesPerBlock }];
  }),
);

/** Name and block layout of the type with id `type`; `undefined` for an id that ggml lacks. */
export const typeTraits = (type: number): GgmlTypeTraits | undefined => traitsById.get(type);
