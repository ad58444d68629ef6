import { Allocation, type Tensor, type TensorSpec } from "@repotune/ggml";
import type { QueryBlock } from "../layers/pass.ts";
import type { Model } from "../model/model.ts";
import type { BatchShape } from "./engine.ts";

/**
 * Queries in a block at least. Small ones compute less of what lies after them, large ones fill the
 * device: a CPU is busy with few.
 */
const MIN_BLOCK_TOKENS = { cpu: 32, gpu: 512 };
/** Blocks at most. */
const MAX_BLOCKS = 64;
/**
 * Blocks times layers², at most. Results of blocks leave gaps when they are freed, and where a graph has
 * more than 256 of them at a time, ggml ends the process (MAX_FREE_BLOCKS in ggml-alloc.c): with three
 * quarters more than this, some did.
 */
const MAX_PRODUCT = 8192;

/** Who may attend to whom, on the device, for each block of queries. */
export class AttentionMask {
  readonly blocks: readonly QueryBlock[];
  readonly #stored: Allocation;
  readonly #shape: BatchShape;

  constructor({ device, config }: Model, shape: BatchShape) {
    const { sequences: B, sequenceLength: T } = shape;
    const least = MIN_BLOCK_TOKENS[device.info.kind === "cpu" ? "cpu" : "gpu"];
    const most = Math.max(1, Math.min(MAX_BLOCKS, Math.floor(MAX_PRODUCT / config.layers ** 2)));
    const size = least * Math.ceil(T / (least * most));
    const bounds = Array.from({ length: Math.ceil(T / size) }, (_, i) => {
      const start = i * size;
      const end = Math.min(start + size, T);
      return { start, end, count: end - start };
    });
    this.#shape = shape;
    this.#stored = new Allocation(
      device,
      Object.fromEntries(
        bounds.map(({ end, count }, i): [string, TensorSpec] => [
          `${i}`,
          ["F32", [end, count, 1, B]],
        ]),
      ),
    );
    this.blocks = bounds.map((bound, i) => ({
      ...bound,
      mask: this.#stored.tensors[i] as Tensor,
    }));
  }

  get bytes(): number {
    return this.#stored.bytes;
  }

  /** @param mask of whole sequences, `[B, T, T]`. */
  write(mask: Float32Array): void {
    const { sequences: B, sequenceLength: T } = this.#shape;
    for (const { start, end, count, mask: tensor } of this.blocks) {
      const block = new Float32Array(B * count * end);
      for (let b = 0; b < B; b++) {
        for (let i = 0; i < count; i++) {
          const row = (b * T + start + i) * T;
          block.set(mask.subarray(row, row + end), (b * count + i) * end);
        }
      }
      tensor.write(block);
    }
  }

  dispose(): void {
    this.#stored.dispose();
  }
}
