import { native } from "../native/load.ts";
import { shapeOf, type Tensor } from "../tensor.ts";
import { isRepeatable } from "./base.ts";
import { LayoutOperators } from "./layout.ts";

/** Operators on single elements, and sums. All take and give `F32`. */
export abstract class ArithmeticOperators extends LayoutOperators {
  /** `a + b`; `b` is repeated to the shape of `a`. */
  add(a: Tensor, b: Tensor): Tensor {
    return this.#binary("add", a, b);
  }

  /** `a - b`; `b` is repeated to the shape of `a`. */
  subtract(a: Tensor, b: Tensor): Tensor {
    return this.#binary("sub", a, b);
  }

  /** `a · b`, element by element; `b` is repeated to the shape of `a`. */
  multiply(a: Tensor, b: Tensor): Tensor {
    return this.#binary("mul", a, b);
  }

  /** `a += b`; gives `a`. */
  accumulate(a: Tensor, b: Tensor): Tensor {
    return this.#binary("add_inplace", a, b);
  }

  /** `a *= b`; gives `a`. */
  multiplyInPlace(a: Tensor, b: Tensor): Tensor {
    return this.#binary("mul_inplace", a, b);
  }

  /** `factor · x + bias` */
  scale(x: Tensor, factor: number, bias = 0): Tensor {
    this.check("scale", [x], x.type === "F32" && x.isContiguous, "it must be contiguous F32");
    const lib = native();
    const handle =
      bias === 0
        ? lib.ggml_scale(this.context, x.handle, factor)
        : lib.ggml_scale_bias(this.context, x.handle, factor, bias);
    return this.result(handle, x.type, x.shape);
  }

  /** Natural logarithm. */
  log(x: Tensor): Tensor {
    return this.#unary("log", x);
  }

  /** `x²` */
  square(x: Tensor): Tensor {
    return this.#unary("sqr", x);
  }

  /** `√x` */
  sqrt(x: Tensor): Tensor {
    return this.#unary("sqrt", x);
  }

  /** Limits elements to `min … max`, in place. */
  clamp(x: Tensor, min: number, max: number): Tensor {
    this.check("clamp", [x], x.type === "F32", "it must be F32");
    return this.result(native().ggml_clamp(this.context, x.handle, min, max), x.type, x.shape);
  }

  /** The sum of all elements, `[1]`. */
  sum(x: Tensor): Tensor {
    this.check("sum", [x], x.type === "F32" && x.isContiguous, "it must be contiguous F32");
    return this.result(native().ggml_sum(this.context, x.handle), "F32", [1, 1, 1, 1]);
  }

  /** The sum of each row, `[1, n1, n2, n3]`. */
  sumRows(x: Tensor): Tensor {
    this.check("sumRows", [x], x.type === "F32", "it must be F32");
    const [, n1, n2, n3] = x.shape;
    return this.result(native().ggml_sum_rows(this.context, x.handle), "F32", [1, n1, n2, n3]);
  }

  /** Position of the largest element of each row, `I32` `[n1]`. */
  argmax(x: Tensor): Tensor {
    const [, n1, n2, n3] = x.shape;
    this.check("argmax", [x], x.type === "F32" && n2 * n3 === 1, "it must be a matrix of F32");
    return this.result(native().ggml_argmax(this.context, x.handle), "I32", shapeOf([n1]));
  }

  #binary(name: "add" | "sub" | "mul" | "add_inplace" | "mul_inplace", a: Tensor, b: Tensor) {
    const isValid =
      a.type === "F32" && b.type === "F32" && b.strides[0] === 4 && isRepeatable(b.shape, a.shape);
    this.check(name, [a, b], isValid, "both must be F32 and the second repeat to the first");
    const handle = native()[`ggml_${name}`](this.context, a.handle, b.handle);
    return this.result(handle, a.type, a.shape, { strides: a.strides });
  }

  #unary(name: "log" | "sqr" | "sqrt", x: Tensor) {
    this.check(name, [x], x.type === "F32" && x.isContiguous, "it must be contiguous F32");
    return this.result(native()[`ggml_${name}`](this.context, x.handle), x.type, x.shape);
  }
}
