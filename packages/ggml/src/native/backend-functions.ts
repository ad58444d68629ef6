import { DATA, P, type Signature } from "./signature.ts";

/** Devices, buffers and moving data (ggml-backend.h). */
export const backendFunctions = {
  ggml_backend_free: ["void", [P]],
  ggml_backend_graph_compute: ["int", [P, P]],
  ggml_backend_graph_plan_create: [P, [P, P]],
  ggml_backend_graph_plan_free: ["void", [P, P]],
  ggml_backend_synchronize: ["void", [P]],
  ggml_backend_get_default_buffer_type: [P, [P]],
  ggml_backend_buft_name: ["const char *", [P]],
  ggml_backend_buft_alloc_buffer: [P, [P, "size_t"]],
  ggml_backend_alloc_ctx_tensors_from_buft: [P, [P, P]],
  ggml_backend_alloc_ctx_tensors_from_buft_size: ["size_t", [P, P]],
  ggml_backend_buffer_free: ["void", [P]],
  ggml_backend_buffer_get_size: ["size_t", [P]],
  ggml_backend_tensor_set: ["void", [P, DATA, "size_t", "size_t"]],
  ggml_backend_tensor_get: ["void", [P, DATA, "size_t", "size_t"]],
  ggml_backend_tensor_memset: ["void", [P, "uint8_t", "size_t", "size_t"]],
  ggml_backend_dev_name: ["const char *", [P]],
  ggml_backend_dev_description: ["const char *", [P]],
  ggml_backend_dev_memory: ["void", [P, DATA, DATA]],
  ggml_backend_dev_type: ["int", [P]],
  ggml_backend_dev_init: [P, [P, P]],
  ggml_backend_dev_backend_reg: [P, [P]],
  ggml_backend_dev_supports_op: ["bool", [P, P]],
  ggml_backend_reg_name: ["const char *", [P]],
  ggml_backend_reg_dev_count: ["size_t", [P]],
  ggml_backend_reg_get_proc_address: [P, [P, "const char *"]],
} as const satisfies Record<string, Signature>;

/** The registry of backends, which lies in the second library. */
export const registryFunctions = {
  ggml_backend_load_all_from_path: ["void", ["const char *"]],
  ggml_backend_load: [P, ["const char *"]],
  ggml_backend_dev_count: ["size_t", []],
  ggml_backend_dev_get: [P, ["size_t"]],
} as const satisfies Record<string, Signature>;
