import { native } from "../native/load.ts";
import { shapeOf, type Tensor } from "../tensor.ts";
import { ArithmeticOperators } from "./arithmetic.ts";
import { isSameShape } from "./base.ts";

/** `GGML_PREC_F32` (ggml.h). */
const PRECISION_F32 = 10;

/** Matrix products, and picking and placing rows. */
export abstract class MatrixOperators extends ArithmeticOperators {
  /**
   * Products of the rows of `a` with the rows of `b`: `[k, m] · [k, n] → [m, n]`, for each of the
   * further dimensions, in which `a` is repeated.
   *
   * @param a any type.
   * @param b `F32`.
   * @param isPrecise adds up in 32 bits also where a device would rather use 16.
   */
  mulMat(a: Tensor, b: Tensor, isPrecise = false): Tensor {
    const [k, m, a2, a3] = a.shape;
    const [kb, n, b2, b3] = b.shape;
    const isValid =
      k === kb &&
      b2 % a2 === 0 &&
      b3 % a3 === 0 &&
      b.type === "F32" &&
      a.strides[0] <= a.strides[1];
    this.check("mulMat", [a, b], isValid, "rows must agree, and the second be F32");
    const handle = native().ggml_mul_mat(this.context, a.handle, b.handle);
    if (isPrecise) native().ggml_prec_set_acc(handle, PRECISION_F32);
    return this.result(handle, "F32", [m, n, b2, b3]);
  }

  /**
   * Sum of the outer products of the rows of `a` with the rows of `b`: `[m, k]`, `[n, k] → [m, n]`, for
   * each of the further dimensions. The same as `mulMat` of both transposed, without transposing.
   */
  outerProduct(a: Tensor, b: Tensor): Tensor {
    const [m, k, a2, a3] = a.shape;
    const [n, kb, b2, b3] = b.shape;
    const isValid = k === kb && a2 === b2 && a3 === b3 && isF32(a) && isF32(b);
    this.check("outerProduct", [a, b], isValid, "both must be contiguous F32 with as many rows");
    const handle = native().ggml_out_prod(this.context, a.handle, b.handle);
    return this.result(handle, "F32", [m, n, a2, a3]);
  }

  /**
   * Rows of a matrix by number, as `F32`.
   *
   * @param x `[n0, n1]` of any type.
   * @param ids `I32` `[n]`.
   * @returns `[n0, n]`.
   */
  getRows(x: Tensor, ids: Tensor): Tensor {
    const isValid = isMatrix(x) && isIds(ids) && x.strides[0] <= x.strides[1];
    this.check("getRows", [x, ids], isValid, "they must be a matrix and I32 numbers of rows");
    const handle = native().ggml_get_rows(this.context, x.handle, ids.handle);
    return this.result(handle, "F32", shapeOf([x.shape[0], ids.shape[0]]));
  }

  /**
   * The inverse of {@link MatrixOperators.getRows} for gradients: adds row i of `dy` to row `ids[i]`
   * of a matrix of zeros with the shape of `like`.
   */
  getRowsBack(dy: Tensor, ids: Tensor, like: Tensor): Tensor {
    const isValid =
      isMatrix(dy) &&
      isIds(ids) &&
      isMatrix(like) &&
      dy.type === "F32" &&
      dy.isContiguous &&
      dy.shape[0] === like.shape[0] &&
      dy.shape[1] === ids.shape[0];
    this.check("getRowsBack", [dy, ids, like], isValid, "rows and their numbers must agree");
    const handle = native().ggml_get_rows_back(this.context, dy.handle, ids.handle, like.handle);
    return this.result(handle, "F32", like.shape);
  }

  /** Puts row i of `rows` in place of row `ids[i]` of `x`; gives `x`. */
  setRows(x: Tensor, rows: Tensor, ids: Tensor): Tensor {
    const isValid =
      isMatrix(x) &&
      isMatrix(rows) &&
      rows.type === "F32" &&
      isIds(ids) &&
      x.shape[0] === rows.shape[0] &&
      rows.shape[1] === ids.shape[0];
    this.check("setRows", [x, rows, ids], isValid, "rows and their numbers must agree");
    const handle = native().ggml_set_rows(this.context, x.handle, rows.handle, ids.handle);
    return this.result(handle, x.type, x.shape);
  }

  /**
   * One step of AdamW, in place (Loshchilov and Hutter, https://arxiv.org/abs/1711.05101).
   *
   * @param weight `F32`; `gradient`, `mean` and `variance` have its shape.
   * @param settings `F32` `[7]`: learning rate, beta1, beta2, epsilon, weight decay, and the
   *   corrections `1 / (1 - beta1^t)` and `1 / (1 - beta2^t)` of step t.
   */
  adamwStep(
    weight: Tensor,
    gradient: Tensor,
    mean: Tensor,
    variance: Tensor,
    settings: Tensor,
  ): Tensor {
    const operands = [weight, gradient, mean, variance];
    const isValid =
      operands.every((t) => t.type === "F32" && isSameShape(t.shape, weight.shape)) &&
      settings.type === "F32" &&
      settings.elements === 7;
    this.check("adamwStep", [...operands, settings], isValid, "all must be F32 of one shape");
    const lib = native();
    lib.ggml_set_param(weight.handle);
    const handle = lib.ggml_opt_step_adamw(
      this.context,
      weight.handle,
      gradient.handle,
      mean.handle,
      variance.handle,
      settings.handle,
    );
    return this.result(handle, "F32", weight.shape);
  }
}

const isF32 = (x: Tensor) => x.type === "F32" && x.isContiguous;
const isMatrix = ({ shape }: Tensor) => shape[2] === 1 && shape[3] === 1;
const isIds = (ids: Tensor) => ids.type === "I32" && ids.shape[0] === ids.elements;
