/** Name of the trained file, by the base: a whole model, or corrections to the base. */
export const outputName = (base: string): "model.gguf" | "adapter.gguf" =>
  base === "scratch" ? "model.gguf" : "adapter.gguf";
