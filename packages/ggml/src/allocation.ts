import { StageError } from "@repotune/schema";
import { bufferType, type MemoryLayout, placeNowhere } from "./buffer-types.ts";
import type { Device } from "./device.ts";
import { native } from "./native/load.ts";
import { type Shape, type Storage, shapeOf, Tensor } from "./tensor.ts";
import { GGML_TYPES, type GgmlType } from "./types.ts";

/** Type and shape of a tensor to be, e.g. `["F32", [64, 10]]`. */
export type TensorSpec = readonly [type: GgmlType, shape: readonly number[]];

/** Tensors that keep their memory on a device until they are disposed of together. */
export class Allocation<Name extends string = string> implements Storage {
  readonly tensors: Readonly<Record<Name, Tensor>>;
  /** Bytes taken on the device; where it is dry, that would be taken. */
  readonly bytes: number;
  readonly #device: Device;
  readonly #context: bigint;
  readonly #buffer: bigint;
  #isDisposed = false;

  /**
   * Reserves memory for `specs` on `device`. The contents are undefined.
   *
   * @param layout `packed` only for what {@link isPackable}.
   * @throws {StageError} `E_MEMORY` if the device has too little.
   */
  constructor(
    device: Device,
    specs: Readonly<Record<Name, TensorSpec>>,
    layout: MemoryLayout = "plain",
  ) {
    const lib = native();
    const memory = bufferType(device, layout);
    if (memory === undefined) {
      throw new StageError("E_UNSUPPORTED", `${device.info.name} has no ${layout} memory.`);
    }
    this.#device = device;
    const entries = Object.entries(specs) as [Name, TensorSpec][];
    this.#context = lib.ggml_init({
      mem_size: lib.ggml_tensor_overhead() * (entries.length + 1),
      mem_buffer: null,
      no_alloc: true,
    }) as bigint;
    const tensors = entries.map(([name, [type, dimensions]]) => {
      const shape: Shape = shapeOf(dimensions);
      const handle = lib.ggml_new_tensor_4d(this.#context, GGML_TYPES[type].id, ...shape);
      return [name, new Tensor(handle as bigint, type, shape, { storage: this })] as const;
    });
    this.tensors = Object.fromEntries(tensors) as Record<Name, Tensor>;
    this.bytes = lib.ggml_backend_alloc_ctx_tensors_from_buft_size(this.#context, memory);
    const handles = tensors.map(([, { handle }]) => handle);
    const buffer = device.isDry
      ? placeNowhere(memory, handles)
      : lib.ggml_backend_alloc_ctx_tensors_from_buft(this.#context, memory);
    if (buffer === null) {
      lib.ggml_free(this.#context);
      throw new StageError(
        "E_MEMORY",
        `${device.info.name} has no room for ${Math.ceil(this.bytes / 2 ** 20).toLocaleString("en-US")} MiB of tensors.`,
      );
    }
    this.#buffer = buffer;
    device.memory.add(this.bytes);
  }

  get isDry(): boolean {
    return this.#device.isDry;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Gives the memory back. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    native().ggml_backend_buffer_free(this.#buffer);
    native().ggml_free(this.#context);
    this.#device.memory.add(-this.bytes);
  }
}
