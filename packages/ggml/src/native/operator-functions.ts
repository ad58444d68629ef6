import { P, type Signature } from "./signature.ts";

const unary = [P, [P, P]] as const satisfies Signature;
const binary = [P, [P, P, P]] as const satisfies Signature;
const inPlaceOf = [
  P,
  [P, P, P, "size_t", "size_t", "size_t", "size_t"],
] as const satisfies Signature;
const rope = [
  P,
  [P, P, P, P, "int", "int", "int", "float", "float", "float", "float", "float", "float"],
] as const satisfies Signature;
const softMax = [P, [P, P, P, "float", "float"]] as const satisfies Signature;

/** Operators that make the nodes of a graph (ggml.h). */
export const operatorFunctions = {
  // layout
  ggml_cont: unary,
  ggml_transpose: unary,
  ggml_permute: [P, [P, P, "int", "int", "int", "int"]],
  ggml_reshape_4d: [P, [P, P, "int64_t", "int64_t", "int64_t", "int64_t"]],
  ggml_view_4d: [
    P,
    [P, P, "int64_t", "int64_t", "int64_t", "int64_t", "size_t", "size_t", "size_t", "size_t"],
  ],
  ggml_cast: [P, [P, P, "int"]],
  ggml_cpy: binary,
  ggml_fill: [P, [P, P, "float"]],
  ggml_set_inplace: inPlaceOf,
  // arithmetic
  ggml_add: binary,
  ggml_add_inplace: binary,
  ggml_acc_inplace: inPlaceOf,
  ggml_sub: binary,
  ggml_mul: binary,
  ggml_mul_inplace: binary,
  ggml_scale: [P, [P, P, "float"]],
  ggml_scale_bias: [P, [P, P, "float", "float"]],
  ggml_clamp: [P, [P, P, "float", "float"]],
  ggml_log: unary,
  ggml_sqr: unary,
  ggml_sqrt: unary,
  ggml_sum: unary,
  ggml_sum_rows: unary,
  ggml_argmax: unary,
  // matrices and rows
  ggml_mul_mat: binary,
  ggml_prec_set_acc: ["bool", [P, "int"]],
  ggml_out_prod: binary,
  ggml_get_rows: binary,
  ggml_get_rows_back: [P, [P, P, P, P]],
  ggml_set_rows: [P, [P, P, P, P]],
  // networks
  ggml_norm: [P, [P, P, "float"]],
  ggml_rms_norm: [P, [P, P, "float"]],
  ggml_rms_norm_back: [P, [P, P, P, "float"]],
  ggml_sigmoid: unary,
  ggml_silu: unary,
  ggml_silu_back: binary,
  ggml_swiglu_split: binary,
  ggml_gelu: unary,
  ggml_geglu_split: binary,
  ggml_soft_max_ext: softMax,
  ggml_soft_max_ext_back: softMax,
  ggml_rope_ext: rope,
  ggml_rope_ext_back: rope,
  ggml_opt_step_adamw: [P, [P, P, P, P, P, P]],
} as const satisfies Record<string, Signature>;
