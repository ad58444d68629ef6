import { native } from "../native/load.ts";
import { type Shape, shapeOf, type Tensor } from "../tensor.ts";
import { GGML_TYPES, type GgmlType, isQuantized } from "../types.ts";
import { OperatorBase } from "./base.ts";

/** Number of a dimension. */
type Axis = 0 | 1 | 2 | 3;

const isWithin = (start: number, count: number, size: number) =>
  start >= 0 && count > 0 && start + count <= size;

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

  /** Elements `start … start + count` along dimension `axis`, as a view. */
  slice(x: Tensor, axis: Axis, start: number, count: number): Tensor {
    const { blockSize, blockBytes } = GGML_TYPES[x.type];
    const step = axis === 0 ? blockSize : 1;
    this.check(
      "slice",
      [x],
      isWithin(start, count, x.shape[axis]) && start % step === 0 && count % step === 0,
      `dimension ${axis} must reach from ${start} to ${start + count}, at bounds of blocks`,
    );
    const shape = x.shape.with(axis, count);
    const offset = axis === 0 ? (start / blockSize) * blockBytes : start * x.strides[axis];
    return this.#view(x, shapeOf(shape), offset);
  }

  /**
   * `[columns, rows]` of the elements of a row `x`, as a view to read from: row i begins at element
   * `start + i · step`. Rows may overlap.
   */
  windows(x: Tensor, columns: number, rows: number, start: number, step: number): Tensor {
    const { blockBytes, blockSize } = GGML_TYPES[x.type];
    const isValid =
      x.isContiguous &&
      blockSize === 1 &&
      step > 0 &&
      isWithin(start, (rows - 1) * step + columns, x.elements);
    this.check("windows", [x], isValid, `${rows} of ${columns} from ${start} on must fit`);
    const strides = shapeOf([
      blockBytes,
      step * blockBytes,
      rows * step * blockBytes,
      rows * step * blockBytes,
    ]);
    const [, s1, s2, s3] = strides;
    const handle = native().ggml_view_4d(
      this.context,
      x.handle,
      columns,
      rows,
      1,
      1,
      s1,
      s2,
      s3,
      start * blockBytes,
    );
    return this.result(handle, x.type, shapeOf([columns, rows]), { strides });
  }

  /** A tensor of the shape of `like`, every element `value`. */
  filled(like: Tensor, value: number): Tensor {
    this.check(
      "filled",
      [like],
      like.type === "F32" && like.isContiguous,
      "it must be contiguous F32",
    );
    return this.result(native().ggml_fill(this.context, like.handle, value), "F32", like.shape);
  }

  /** Puts `part` into `x` from `start` on along dimension `axis`, in place; gives `x`. */
  setSlice(x: Tensor, part: Tensor, axis: Axis, start: number): Tensor {
    return this.#intoSlice("ggml_set_inplace", x, part, axis, start);
  }

  /** Adds `part` to `x` from `start` on along dimension `axis`, in place; gives `x`. */
  addToSlice(x: Tensor, part: Tensor, axis: Axis, start: number): Tensor {
    return this.#intoSlice("ggml_acc_inplace", x, part, axis, start);
  }

  #intoSlice(
    name: "ggml_set_inplace" | "ggml_acc_inplace",
    x: Tensor,
    part: Tensor,
    axis: Axis,
    start: number,
  ): Tensor {
    const isValid =
      [x, part].every(({ type, isContiguous }) => type === "F32" && isContiguous) &&
      x.shape.every((n, i) =>
        i === axis ? isWithin(start, part.shape[i] as number, n) : n === part.shape[i],
      );
    this.check(
      "slice assignment",
      [x, part],
      isValid,
      `both must be contiguous F32, and the second fit at ${start} of dimension ${axis}`,
    );
    const [, s1, s2, s3] = x.strides;
    const offset = start * x.strides[axis];
    const handle = native()[name](this.context, x.handle, part.handle, s1, s2, s3, offset);
    return this.result(handle, "F32", x.shape);
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
