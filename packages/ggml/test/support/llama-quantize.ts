import koffi from "koffi";
import { native } from "../../src/native/load.ts";
import { findLibrary } from "../../src/native/locate.ts";

/** `llama_model_quantize_params` of llama.h. */
const parameters = koffi.struct("llama_model_quantize_params", {
  nthread: "int32_t",
  ftype: "int",
  output_tensor_type: "int",
  token_embedding_type: "int",
  allow_requantize: "bool",
  quantize_output_tensor: "bool",
  only_copy: "bool",
  pure: "bool",
  keep_split: "bool",
  dry_run: "bool",
  imatrix: "void *",
  kv_overrides: "void *",
  tt_overrides: "void *",
  prune_layers: "void *",
  max_buf_size: "size_t",
});

const library = koffi.load(findLibrary(native().build, "llama"));
const defaults = library.func("llama_model_quantize_default_params", parameters, []);
const quantize = library.func("llama_model_quantize", "uint32_t", [
  "const char *",
  "const char *",
  koffi.pointer(parameters),
]);
const silent = koffi.register(
  () => undefined,
  koffi.pointer(koffi.proto("void llama_log_callback(int level, const char *text, void *data)")),
);
library.func("llama_log_set", "void", ["void *", "void *"])(silent, null);

/**
 * Quantises a model with llama.cpp's own code, which `llama-quantize` calls.
 *
 * @param fileType of `enum llama_ftype`.
 */
export function llamaQuantize(
  source: string,
  target: string,
  fileType: number,
  options: { allow_requantize?: boolean; keep_split?: boolean } = {},
): void {
  const status = quantize(source, target, {
    ...defaults(),
    nthread: 1,
    ftype: fileType,
    ...options,
  });
  if (status !== 0) throw new Error(`llama.cpp cannot quantise ${source}: status ${status}.`);
}
