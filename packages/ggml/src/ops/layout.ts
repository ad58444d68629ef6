import { native } from "../native/load.ts";
import { type Shape, shapeOf, type Tensor } from "../tensor.ts";
import { GGML_TYPES, type GgmlType, isQuantized } from "../types.ts";
import { OperatorBase } from "./base.ts";

/** Operators that change how elements are arranged or stored, not what they are. */
export abstract class LayoutOperators extends OperatorBase {
  /** The elements of `x`, without gaps. */
  contiguous(x: Tensor): Tensor {
    this.check("contiguous", [x], !isQuantized(x.type), "the type must not be quantised");
    return this.result(native().ggml_cont(this.context, x.handle), x.type, x.shape);
  }

  /** `[n0, n1, …]` → `[n1, n0, …]`, as a view. */
  transpose(x: Tensor): Tensor {
    return this.permute(x, 1, 0, 2, 3);
  }

  /** `[n0, n1, …]` → `[n1, n0, …]`, without gaps. */
  transposed(x: Tensor): Tensor {
    return this.contiguous(this.transpose(x));
  }

  /** Moves dimension i to place `axes[i]`, as a view. */
  permute(x: Tensor, ...axes: [number, number, number, number]): Tensor {
    const isPermutation = [...axes].sort().every((axis, i) => axis === i);
    this.check(
      "permute",
      [x],
      isPermutation && !isQuantized(x.type),
      `axes ${axes} do not permute`,
    );
    const shape = [1, 1, 1, 1];
    const strides = [0, 0, 0, 0];
    for (const [i, axis] of axes.entries()) {
      shape[axis] = x.shape[i] as number;
      strides[axis] = x.strides[i] as number;
    }
    const handle = native().ggml_permute(this.context, x.handle, ...axes);
    return this.result(handle, x.type, shapeOf(shape), { strides: shapeOf(strides) });
  }

  /** The same elements in another shape. */
  reshape(x: Tensor, ...dimensions: number[]): Tensor {
    const shape = shapeOf(dimensions);
    const elements = shape.reduce((product, n) => product * n, 1);
    this.check(
      "reshape",
      [x],
      x.isContiguous && elements === x.elements,
      `it must be contiguous and have ${elements} elements`,
    );
    return this.result(native().ggml_reshape_4d(this.context, x.handle, ...shape), x.type, shape);
  }

  /** Elements `start … start + count` of a vector, as a view. */
  part(x: Tensor, start: number, count: number): Tensor {
    return this.columns(x, start, count);
  }

  /** Rows `start … start + count` of a matrix, as a view. */
  rows(x: Tensor, start: number, count: number): Tensor {
    const [n0, n1, n2, n3] = x.shape;
    this.check(
      "rows",
      [x],
      n2 === 1 && n3 === 1 && start >= 0 && count > 0 && start + count <= n1,
      `it must be a matrix with rows ${start} to ${start + count}`,
    );
    return this.#view(x, [n0, count, 1, 1], start * x.strides[1]);
  }

  /** Columns `start … start + count` of a matrix, as a view. */
  columns(x: Tensor, start: number, count: number): Tensor {
    const [n0, n1, n2, n3] = x.shape;
    const { blockSize, blockBytes } = GGML_TYPES[x.type];
    this.check(
      "columns",
      [x],
      n2 === 1 &&
        n3 === 1 &&
        start >= 0 &&
        count > 0 &&
        start + count <= n0 &&
        start % blockSize === 0 &&
        count % blockSize === 0,
      `it must be a matrix with columns ${start} to ${start + count} at bounds of blocks`,
    );
    return this.#view(x, [count, n1, 1, 1], (start / blockSize) * blockBytes);
  }

  /** A copy in another type. */
  cast(x: Tensor, type: GgmlType): Tensor {
    // A row that does not hold whole blocks passes unnoticed on some devices and gives nonsense.
    const isWhole = x.shape[0] % GGML_TYPES[type].blockSize === 0;
    this.check("cast", [x], isWhole, `rows must hold whole blocks of ${type}`);
    return this.result(
      native().ggml_cast(this.context, x.handle, GGML_TYPES[type].id),
      type,
      x.shape,
    );
  }

  /** Copies `from` over `to`, converting where the types differ; gives `to`. */
  copy(from: Tensor, to: Tensor): Tensor {
    this.check("copy", [from, to], from.elements === to.elements, "sizes must agree");
    return this.result(native().ggml_cpy(this.context, from.handle, to.handle), to.type, to.shape, {
      strides: to.strides,
    });
  }

  #view(x: Tensor, shape: Shape, byteOffset: number): Tensor {
    const [, s1, s2, s3] = x.strides;
    const handle = native().ggml_view_4d(this.context, x.handle, ...shape, s1, s2, s3, byteOffset);
    return this.result(handle, x.type, shape, { strides: x.strides });
  }
}
