import { DATA, P, type Signature } from "./signature.ts";

/** Graphs and the memory of their intermediate results (ggml.h, ggml-alloc.h). */
export const graphFunctions = {
  ggml_set_param: ["void", [P]],
  ggml_new_graph_custom: [P, [P, "size_t", "bool"]],
  ggml_build_forward_expand: ["void", [P, P]],
  ggml_graph_n_nodes: ["int", [P]],
  ggml_graph_node: [P, [P, "int"]],
  ggml_gallocr_new: [P, [P]],
  ggml_gallocr_reserve: ["bool", [P, P]],
  ggml_gallocr_reserve_n_size: ["void", [P, P, P, P, DATA]],
  ggml_gallocr_alloc_graph: ["bool", [P, P]],
  ggml_gallocr_get_buffer_size: ["size_t", [P, "int"]],
  ggml_gallocr_free: ["void", [P]],
} as const satisfies Record<string, Signature>;
