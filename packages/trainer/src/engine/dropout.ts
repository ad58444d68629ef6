import { Allocation, type Device, type GraphBuilder, type Tensor } from "@repotune/ggml";
import type { DropoutMasks } from "../layers/pass.ts";
import type { Model } from "../model/model.ts";
import { mix, Random } from "../random.ts";

/** Random numbers drawn for a micro-batch at most; in large models, tokens share some of them. */
const POOL_ELEMENTS = 2 ** 22;
/** Devices like views that begin at multiples of so many elements. */
const ALIGNMENT = 64;
/** From the numbers of one mask to those of the next. */
const SHIFT = 65 * ALIGNMENT;
/** Matrices that take the same input share a mask, and so the product with it. */
const GROUPS = [/attn_[qkv]\.weight$/, /attn_output\.weight$/, /ffn_(gate|up)\.weight$/, /./];

/**
 * Masks for dropout (Srivastava et al., https://jmlr.org/papers/v15/srivastava14a.html).
 *
 * ggml draws no random numbers. A pool of them, 0 or 1 / (1 - share), is drawn for each micro-batch,
 * and every mask is a window on it: the same in the forward pass, when that is computed anew, and in
 * the backward pass.
 */
export class Dropout implements DropoutMasks {
  readonly #share: number;
  readonly #tokens: number;
  /** Pool elements that the windows' starts take. */
  readonly #shifts: number;
  readonly #pool: Allocation<"pool">;
  #isOff = false;

  /**
   * @param share of inputs that are left out.
   * @param tokens n, of a micro-batch.
   */
  constructor(device: Device, model: Model, share: number, tokens: number) {
    this.#share = share;
    this.#tokens = tokens;
    this.#shifts = GROUPS.length * model.config.layers * SHIFT;
    const columns = [...model.weights].flatMap(({ lora }) => (lora ? lora.a.value.shape[0] : []));
    const sizes = columns.map((width) => (tokens - 1) * this.#step(width) + width);
    this.#pool = new Allocation(device, { pool: ["F32", [this.#shifts + Math.max(...sizes)]] });
    this.disable();
  }

  get bytes(): number {
    return this.#pool.bytes;
  }

  mask(g: GraphBuilder, name: string, columns: number): Tensor {
    const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? 0);
    const group = GROUPS.findIndex((pattern) => pattern.test(name));
    const start = (GROUPS.length * layer + group) * SHIFT;
    const { pool } = this.#pool.tensors;
    return g.windows(pool, columns, this.#tokens, start, this.#step(columns)); // [columns, n]
  }

  /** Draws masks, which follow from `seeds` alone. */
  draw(seeds: readonly number[]): void {
    const random = new Random(seeds.reduce((hash, seed) => mix(hash ^ mix(seed + 1)), 0));
    const { pool } = this.#pool.tensors;
    const kept = 1 / (1 - this.#share);
    pool.write(
      new Float32Array(pool.elements).map(() => (random.uniform() < this.#share ? 0 : kept)),
    );
    this.#isOff = false;
  }

  /** Leaves nothing out until the next draw. */
  disable(): void {
    if (this.#isOff) return;
    const { pool } = this.#pool.tensors;
    pool.write(new Float32Array(pool.elements).fill(1));
    this.#isOff = true;
  }

  dispose(): void {
    this.#pool.dispose();
  }

  /** Elements from one token's window to the next; less than a window where the pool is too small. */
  #step(columns: number): number {
    const room = POOL_ELEMENTS - this.#shifts - columns;
    const affordable = ALIGNMENT * Math.floor(room / this.#tokens / ALIGNMENT);
    return Math.min(columns, Math.max(ALIGNMENT, affordable));
  }
}
