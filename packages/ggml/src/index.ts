export { GgufFile } from "./gguf/file.ts";
export { GgufMetadata } from "./gguf/metadata.ts";
export type { GgufTensorInfo } from "./gguf/tensor-info.ts";
export type { GgufArray, GgufElementType, GgufValue, GgufValueType } from "./gguf/value.ts";
export { type GgufTensorSpec, GgufWriter, type TensorData } from "./gguf/writer.ts";
export { dequantizeRows, quantizeRows } from "./quantize.ts";
export {
  GGML_TYPES,
  type GgmlType,
  ggmlTypeOf,
  isQuantized,
  rowBytes,
  tensorBytes,
} from "./types.ts";
