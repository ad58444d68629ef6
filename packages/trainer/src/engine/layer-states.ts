import { Allocation, type Device, type Tensor, type TensorSpec } from "@repotune/ggml";

/**
 * What the forward pass leaves for the backward pass: all intermediate `results`; or only the layers'
 * `inputs`, from which the rest is computed anew; or these `inputs_on_host`, where the device has no
 * room for them.
 */
export type Kept = "results" | "inputs" | "inputs_on_host";

/**
 * Input of each layer, output of the last, and the gradient that moves from last to first. States
 * that need not be kept on the device take turns in two places.
 */
export class LayerStates {
  /** State i is the input of layer i; the last one is the output of the last layer. `[d, n]` each. */
  readonly tensors: readonly Tensor[];
  /** Gradient of the state that the backward pass has come to, `[d, n]`. */
  readonly gradient: Tensor;
  readonly #stored: Allocation;
  /** Copies on the host, of inputs. */
  readonly #copies: readonly Float32Array[];

  /** @param size elements of a state's row `d`, and rows `n`. */
  constructor(device: Device, layers: number, size: readonly [d: number, n: number], kept: Kept) {
    const places = kept === "inputs" ? layers + 1 : 2;
    const state: TensorSpec = ["F32", size];
    this.#stored = new Allocation(device, {
      gradient: state,
      ...Object.fromEntries(Array.from({ length: places }, (_, i) => [`${i}`, state] as const)),
    });
    this.gradient = this.#stored.tensors.gradient as Tensor;
    this.tensors = Array.from(
      { length: layers + 1 },
      (_, i) => this.#stored.tensors[`${i % places}`] as Tensor,
    );
    const isCopied = kept === "inputs_on_host" && !device.isDry;
    this.#copies = Array.from(
      { length: isCopied ? layers : 0 },
      () => new Float32Array(size[0] * size[1]),
    );
  }

  /** Bytes on the device. */
  get bytes(): number {
    return this.#stored.bytes;
  }

  /** Copies state `i` to the host, if that is where it is kept. */
  keep(i: number): void {
    const copy = this.#copies[i];
    if (copy) this.tensors[i]?.readInto(copy);
  }

  /** Brings state `i` back. */
  restore(i: number): void {
    const copy = this.#copies[i];
    if (copy) this.tensors[i]?.write(copy);
  }

  dispose(): void {
    this.#stored.dispose();
  }
}

/** Bytes that the layers' inputs take where they are kept. */
export const keptInputBytes = (layers: number, [d, n]: readonly [d: number, n: number]): number =>
  4 * layers * d * n;
