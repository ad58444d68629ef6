import { DATA, P, type Signature } from "./signature.ts";

/** Contexts, tensors' metadata and quantisation (ggml.h). */
export const contextFunctions = {
  ggml_version: ["const char *", []],
  ggml_init: [P, ["ggml_init_params"]],
  ggml_free: ["void", [P]],
  ggml_tensor_overhead: ["size_t", []],
  ggml_graph_overhead_custom: ["size_t", ["size_t", "bool"]],
  ggml_new_tensor_4d: [P, [P, "int", "int64_t", "int64_t", "int64_t", "int64_t"]],
  ggml_set_name: [P, [P, "const char *"]],
  ggml_get_name: ["const char *", [P]],
  ggml_op_desc: ["const char *", [P]],
  ggml_blck_size: ["int64_t", ["int"]],
  ggml_type_size: ["size_t", ["int"]],
  ggml_get_type_traits: [P, ["int"]],
  ggml_validate_row_data: ["bool", ["int", DATA, "size_t"]],
  ggml_quantize_requires_imatrix: ["bool", ["int"]],
  ggml_quantize_chunk: ["size_t", ["int", DATA, DATA, "int64_t", "int64_t", "int64_t", P]],
} as const satisfies Record<string, Signature>;
