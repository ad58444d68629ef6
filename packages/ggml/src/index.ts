export { Allocation, type TensorSpec } from "./allocation.ts";
export { isPackable, type MemoryLayout } from "./buffer-types.ts";
export { Device, deviceAdvice, listDevices } from "./device.ts";
export { adviceText, type DeviceAdvice } from "./device-advice.ts";
export type { DeviceInfo } from "./device-choice.ts";
export { editMetadata } from "./gguf/edit-metadata.ts";
export { GgufFile } from "./gguf/file.ts";
export { GgufMetadata } from "./gguf/metadata.ts";
export {
  QUANTIZATION_RECIPES,
  type QuantizationRecipe,
  quantizedTensors,
} from "./gguf/quantization-recipe.ts";
export { type QuantizeOptions, quantizeFile } from "./gguf/quantize-file.ts";
export { modelPaths } from "./gguf/split-name.ts";
export type { GgufTensorInfo } from "./gguf/tensor-info.ts";
export type { GgufArray, GgufElementType, GgufValue, GgufValueType } from "./gguf/value.ts";
export { type GgufTensorSpec, GgufWriter, type TensorData } from "./gguf/writer.ts";
export type { FoundGpu } from "./gpu-detection.ts";
export { Graph, GraphBuilder, GraphMemory } from "./graph.ts";
export type { MemoryLedger } from "./memory-ledger.ts";
export { GGML_VERSION } from "./native/load.ts";
export { type Build, findBuilds } from "./native/locate.ts";
export { ggmlLog } from "./native/log.ts";
export type { RopeSettings, YarnSettings } from "./ops/network.ts";
export { dequantizeRows, quantizeRows, quantizeRowsAsync } from "./quantize.ts";
export { type Shape, type Storage, shapeText, Tensor } from "./tensor.ts";
export {
  GGML_TYPES,
  type GgmlType,
  ggmlTypeOf,
  isQuantized,
  rowBytes,
  tensorBytes,
} from "./types.ts";
