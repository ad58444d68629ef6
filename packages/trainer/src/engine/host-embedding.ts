import { dequantizeRows, rowBytes } from "@repotune/ggml";
import type { Model } from "../model/model.ts";

/**
 * Looks token embeddings up where the frozen table lies in the host's memory: a GPU then has room for
 * other things, as a few rows are all it needs of a table of hundreds of megabytes.
 */
export class HostEmbedding {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Embeddings of tokens as they enter the first layer, `[d, n]`. */
  lookUp(tokens: Int32Array): Float32Array {
    const { architecture, config } = this.#model;
    const { tensor } = this.#model.weight("token_embd.weight");
    const columns = tensor.shape[0];
    const stride = rowBytes(tensor.type, columns);
    const bytes = new Uint8Array(tokens.length * stride);
    for (const [i, token] of tokens.entries()) {
      tensor.readInto(bytes.subarray(i * stride, (i + 1) * stride), token * stride);
    }
    const rows = dequantizeRows(tensor.type, bytes, tokens.length, columns);
    const factor = architecture.embeddingScale?.(config) ?? 1;
    return factor === 1 ? rows : rows.map((value) => factor * value);
  }
}
