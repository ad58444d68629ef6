import { StageError } from "@repotune/schema";
import { native } from "./native/load.ts";
import { GGML_TYPES, type GgmlType, rowBytes } from "./types.ts";

/** Elements along each of the four dimensions, the fastest-running one first; 1 where unused. */
export type Shape = readonly [number, number, number, number];

/** Bytes from one element (of a quantised type: block) to the next, along each dimension. */
type Strides = Shape;

/** Memory that tensors' data lie in. */
export interface Storage {
  readonly isDisposed: boolean;
  /** Whether there is no memory behind it, only its size. */
  readonly isDry: boolean;
}

/** Completes a shape of one to four dimensions. */
export const shapeOf = ([n0 = 1, n1 = 1, n2 = 1, n3 = 1]: readonly number[]): Shape => [
  n0,
  n1,
  n2,
  n3,
];

/** `[64, 10]`, without unused dimensions. */
export function shapeText(shape: Shape): string {
  const used = shape.findLastIndex((n) => n !== 1);
  return `[${shape.slice(0, Math.max(1, used + 1)).join(", ")}]`;
}

/**
 * A tensor of ggml: an array of up to four dimensions on a device, or the result of an operator in
 * a graph.
 *
 * Type and shape are known here too, so that a mistake is an error in TypeScript; in the library it
 * would end the process.
 */
export class Tensor {
  readonly handle: bigint;
  readonly type: GgmlType;
  readonly shape: Shape;
  readonly strides: Strides;
  /** What holds the data; `undefined` for results in a graph, whose memory is reused. */
  readonly storage: Storage | undefined;

  constructor(
    handle: bigint,
    type: GgmlType,
    shape: Shape,
    options: { strides?: Strides; storage?: Storage } = {},
  ) {
    this.handle = handle;
    this.type = type;
    this.shape = shape;
    this.strides = options.strides ?? contiguousStrides(type, shape);
    this.storage = options.storage;
  }

  /** Elements in all. */
  get elements(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }

  /** Bytes of the data, if it lies without gaps. */
  get bytes(): number {
    const [n0, n1, n2, n3] = this.shape;
    return rowBytes(this.type, n0) * n1 * n2 * n3;
  }

  /** Whether the elements lie one after another without gaps. */
  get isContiguous(): boolean {
    const packed = contiguousStrides(this.type, this.shape);
    return packed.every((stride, i) => stride === this.strides[i] || this.shape[i] === 1);
  }

  /**
   * Copies `data` to the device.
   *
   * @param byteOffset where in the tensor to begin.
   * @throws {StageError} `E_INTERNAL` if it does not fit or there is no memory behind the tensor.
   */
  write(data: ArrayBufferView, byteOffset = 0): void {
    if (this.#isDry(byteOffset, data.byteLength)) return;
    native().ggml_backend_tensor_set(this.handle, data, byteOffset, data.byteLength);
  }

  /**
   * Copies from the device into `target`.
   *
   * @throws {StageError} as {@link Tensor.write}.
   */
  readInto<T extends ArrayBufferView>(target: T, byteOffset = 0): T {
    if (this.#isDry(byteOffset, target.byteLength)) return target;
    native().ggml_backend_tensor_get(this.handle, target, byteOffset, target.byteLength);
    return target;
  }

  /** All elements of an `F32` tensor. */
  read(): Float32Array<ArrayBuffer> {
    if (this.type !== "F32") throw fault(`Only F32 can be read as numbers, not ${this.type}.`);
    return this.readInto(new Float32Array(this.elements));
  }

  /** Sets every byte to zero. */
  clear(): void {
    if (this.#isDry(0, this.bytes)) return;
    native().ggml_backend_tensor_memset(this.handle, 0, 0, this.bytes);
  }

  /** Checks that bytes may be moved, and tells whether there is nothing to move. */
  #isDry(offset: number, length: number): boolean {
    if (!this.storage) throw fault("A result inside a graph has no memory of its own: copy it.");
    if (this.storage.isDisposed) throw fault("The tensor's memory has been given back.");
    if (offset >= 0 && offset + length <= this.bytes) return this.storage.isDry;
    throw fault(`${length} bytes at ${offset} do not fit a tensor of ${this.bytes} bytes.`);
  }
}

function contiguousStrides(type: GgmlType, [n0, n1, n2]: Shape): Strides {
  const row = rowBytes(type, n0);
  return [GGML_TYPES[type].blockBytes, row, row * n1, row * n1 * n2];
}

const fault = (message: string) => new StageError("E_INTERNAL", message);
