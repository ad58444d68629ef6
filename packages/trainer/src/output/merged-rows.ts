import {
  Allocation,
  type Device,
  type GgmlType,
  Graph,
  GraphMemory,
  type Tensor,
} from "@repotune/ggml";
import type { Correction } from "./corrections.ts";

/** Computes W + scale · B·A for a matrix, some of its rows at a time. */
export class MergedRows {
  readonly #stored: Allocation<"weight" | "ids" | "a" | "b" | "merged">;
  readonly #graph: Graph;
  readonly #memory: GraphMemory;
  readonly #correction: Correction;

  /**
   * @param device a CPU: its products are in full F32 precision.
   * @param type of W.
   * @param columns `in`
   * @param rows rows of W at a time.
   */
  constructor(
    device: Device,
    type: GgmlType,
    columns: number,
    rows: number,
    correction: Correction,
  ) {
    const { a, rank, scale } = correction;
    this.#correction = correction;
    this.#stored = new Allocation(device, {
      weight: [type, [columns, rows]],
      ids: ["I32", [rows]],
      a: ["F32", [columns, rank]],
      b: ["F32", [rank, rows]],
      merged: ["F32", [columns, rows]],
    });
    const { tensors } = this.#stored;
    tensors.a.write(a.map((value) => scale * value));
    tensors.ids.write(Int32Array.from({ length: rows }, (_, i) => i));
    this.#graph = new Graph(device, (g) => {
      const weight = g.getRows(tensors.weight, tensors.ids); // [in, rows], F32
      const product = g.mulMat(g.transposed(tensors.a), tensors.b, true); // [in, rows]
      return [g.copy(g.add(weight, product), tensors.merged)];
    });
    this.#memory = new GraphMemory(device, [this.#graph]);
  }

  /**
   * Merges some rows.
   *
   * @param bytes of W from row `first` on; at most as many rows as there is room for.
   * @returns `[in, count]`
   */
  async merge(bytes: Uint8Array, first: number, count: number): Promise<Float32Array> {
    const { weight, b, merged } = this.#stored.tensors;
    const { rank } = this.#correction;
    weight.write(bytes);
    b.write(this.#correction.b.subarray(first * rank, (first + count) * rank));
    await this.#memory.run(this.#graph);
    return firstRows(merged, count);
  }

  dispose(): void {
    for (const part of [this.#memory, this.#graph, this.#stored]) part.dispose();
  }
}

const firstRows = (matrix: Tensor, count: number) =>
  matrix.readInto(new Float32Array(count * matrix.shape[0]));
