import type { GraphBuilder, Tensor } from "@repotune/ggml";
import type { Model } from "../model/model.ts";

/** A micro-batch on the device: `B` sequences of `T` tokens, n = B · T. */
export interface BatchTensors {
  /** Token ids, `I32` `[n]`. */
  tokens: Tensor;
  /** Position of each token in its document piece, `I32` `[n]`. */
  positions: Tensor;
}

/** Queries of all sequences that attention is computed for at once: tokens `start … end` of each. */
export interface QueryBlock {
  start: number;
  /** First token after the block. Queries attend to none from here on. */
  end: number;
  /** end - start */
  count: number;
  /** 0 where the row's token may attend to the column's, else -Infinity, `F32` `[end, count, 1, B]`. */
  mask: Tensor;
}

/** Leaves inputs of low-rank corrections out, at random. */
export interface DropoutMasks {
  /**
   * Factors on the input of the correction of the weight `name`, `[columns, n]`: 0, or what makes up for
   * those that are 0.
   */
  mask(g: GraphBuilder, name: string, columns: number): Tensor;
}

/** What the layers need to write the forward pass down. */
export interface ForwardPass {
  readonly g: GraphBuilder;
  readonly model: Model;
  readonly batch: BatchTensors;
  /** All queries, in order. */
  readonly blocks: readonly QueryBlock[];
  /** B */
  readonly sequences: number;
  /** T */
  readonly sequenceLength: number;
  /** 0, 1, 2, … as `I32`: numbers of all rows of the largest matrix. */
  readonly rowIds: Tensor;
  readonly dropout?: DropoutMasks | undefined;
}

/** Gathers what a backward pass computes. */
export class BackwardPass {
  readonly forward: ForwardPass;
  /** Updates of stored tensors that the graph must perform, and what is to be computed before others. */
  readonly updates: Tensor[] = [];
  readonly #transposed = new Map<Tensor, Tensor>();

  constructor(forward: ForwardPass) {
    this.forward = forward;
  }

  get g(): GraphBuilder {
    return this.forward.g;
  }

  /** `x` transposed, without gaps; computed once however often it is asked for. */
  transposed(x: Tensor): Tensor {
    let result = this.#transposed.get(x);
    if (!result) {
      result = this.g.transposed(x);
      this.#transposed.set(x, result);
    }
    return result;
  }

  /** Adds `update` to a parameter's gradient. */
  addGradient(gradient: Tensor, update: Tensor): void {
    this.updates.push(this.g.accumulate(gradient, update));
  }
}
