type Koffi = Pick<typeof import("koffi"), "load" | "struct" | "pointer" | "proto" | "register">;

/** What differs from llama.cpp's defaults. */
export interface LlamaQuantizeOptions {
  allow_requantize?: boolean;
  /** Writes as many parts as the source has, `TARGET-00001-of-00003.gguf` and so on. */
  keep_split?: boolean;
}

/**
 * llama.cpp's own quantisation, which `llama-quantize` calls: from a file to a file, by number in
 * `enum llama_ftype`. It logs nothing.
 *
 * @param path of libllama.
 */
export function declareLlamaQuantize(koffi: Koffi, path: string) {
  const library = koffi.load(path);
  // As llama.h declares it.
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
  const defaults = library.func("llama_model_quantize_default_params", parameters, []);
  const quantize = library.func("llama_model_quantize", "uint32_t", [
    "const char *",
    "const char *",
    koffi.pointer(parameters),
  ]);
  const callback = koffi.proto("void llama_log_callback(int level, const char *text, void *data)");
  const silent = koffi.register(() => undefined, koffi.pointer(callback));
  library.func("llama_log_set", "void", ["void *", "void *"])(silent, null);
  return (source: string, target: string, fileType: number, options: LlamaQuantizeOptions = {}) => {
    const chosen = { ...defaults(), nthread: 1, ftype: fileType, ...options };
    const status = quantize(source, target, chosen);
    if (status !== 0) throw new Error(`llama.cpp cannot quantise ${source}: status ${status}.`);
  };
}
