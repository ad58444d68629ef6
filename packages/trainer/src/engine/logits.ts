import { Allocation, Graph, type GraphBuilder, GraphMemory, type Tensor } from "@repotune/ggml";
import { headLogits } from "../layers/head.ts";
import type { ForwardPass } from "../layers/pass.ts";
import type { Model } from "../model/model.ts";

/**
 * Computes the logits of all tokens after some rows of a micro-batch. The graph is built and thrown
 * away: training does without.
 *
 * @param x output of the last layer, `[d, n]`.
 * @param rows of `x`; their logits must fit the device's memory.
 * @returns logits, the vocabulary being the inner dimension: `[vocabulary, rows]`.
 * @throws {StageError} `E_MEMORY`.
 */
export async function computeLogits(
  model: Model,
  pass: (g: GraphBuilder) => ForwardPass,
  x: Tensor,
  rows: Int32Array,
): Promise<Float32Array> {
  const { device, config } = model;
  const stored = new Allocation(device, {
    rows: ["I32", [rows.length]],
    logits: ["F32", [config.vocabularySize, rows.length]],
  });
  const { tensors } = stored;
  tensors.rows.write(rows);
  const graph = new Graph(device, (g) => [
    g.copy(headLogits(pass(g), x, tensors.rows).logits, tensors.logits),
  ]);
  const memory = new GraphMemory(device, [graph]);
  try {
    await memory.run(graph);
    return tensors.logits.read();
  } finally {
    for (const part of [memory, graph, stored]) part.dispose();
  }
}
