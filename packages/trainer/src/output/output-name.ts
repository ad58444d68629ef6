import type { TrainingKind } from "../options.ts";

/** Name of the trained file: a whole model, or corrections to a base. */
export const outputName = (kind: TrainingKind): "model.gguf" | "adapter.gguf" =>
  kind === "lora" ? "adapter.gguf" : "model.gguf";
