export { dequantizeRows, quantizeRows } from "./quantize.ts";
export {
  GGML_TYPES,
  type GgmlType,
  ggmlTypeOf,
  isQuantized,
  rowBytes,
  tensorBytes,
} from "./types.ts";
