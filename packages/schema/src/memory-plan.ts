import { type Static, Type } from "typebox";

const Bytes = (description: string) => Type.Integer({ minimum: 0, description });

/** JSON Schema of a memory plan: how a training uses a device's memory, known before it begins. */
export const MemoryPlanSchema = Type.Object({
  device: Type.String({ description: "Name of the device, e.g. CUDA0." }),
  sequence_length: Type.Integer({ minimum: 2 }),
  micro_batch_size: Type.Integer({
    minimum: 1,
    description: "Sequences that the device works on at once.",
  }),
  weight_layout: Type.Enum(["compact", "fast"], {
    description:
      "compact takes what the file takes; fast packs frozen weights for the CPU's kernels and keeps their transposes.",
  }),
  kept: Type.Enum(["results", "inputs", "inputs_on_host"], {
    description:
      "What the forward pass leaves for the backward pass: all intermediate results, or the layers' inputs, on the device or in the host's memory, from which the rest is computed anew.",
  }),
  parts: Type.Object({
    weights: Bytes("Frozen weights."),
    transposed: Bytes("Kept transposes of frozen weights."),
    parameters: Bytes("Trained values, their gradients and AdamW's two means."),
    layer_inputs: Bytes("Inputs of all layers that are kept, or of two, and a gradient."),
    batch: Bytes("Tokens, masks and other small tensors."),
    results: Bytes("Intermediate results; all graphs share them."),
    check: Bytes("Logits that the written files are compared by, before the rest is given back."),
    work: Bytes(
      "Kernels' working memory. On a CPU measured, on a GPU an allowance for its driver and pools.",
    ),
    program: Bytes("Node.js and what it holds; on a GPU 0, as it lies in the host's memory."),
  }),
  total_bytes: Bytes("Of all parts."),
  host_bytes: Bytes(
    "Token embedding and layer inputs in the host's memory, where the device has one of its own.",
  ),
  free_bytes: Bytes("What was free on the device, what the program held already included."),
});

/** How a training uses a device's memory. */
export type MemoryPlan = Static<typeof MemoryPlanSchema>;
