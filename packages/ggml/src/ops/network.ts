import { native } from "../native/load.ts";
import type { Tensor } from "../tensor.ts";
import { isSameShape } from "./base.ts";
import { MatrixOperators } from "./matrix.ts";

/** Settings of the rotary position embedding (Su et al., https://arxiv.org/abs/2104.09864). */
export interface RopeSettings {
  /** Elements of a head that are rotated. */
  dimensions: number;
  /** `normal` pairs neighbours (llama), `neox` pairs halves (qwen2, gpt-neox). */
  mode: "normal" | "neox";
  frequencyBase: number;
  frequencyScale: number;
  /** Divisors of the frequencies, `F32` `[dimensions / 2]` (`rope_freqs.weight`). */
  factors?: Tensor | undefined;
  /**
   * Factor on the result, besides the `1 - 0.1 ln(frequencyScale)` that YaRN has by itself.
   *
   * @default 1
   */
  resultFactor?: number;
  /** Scales only the low frequencies by `frequencyScale`, blending into the high ones. */
  yarn?: YarnSettings | undefined;
}

/** Settings of YaRN (Peng et al., https://arxiv.org/abs/2309.00071). */
export interface YarnSettings {
  /** Length of context before it was extended, in tokens. */
  originalContext: number;
  /** Rotations in the original context from which on a frequency stays as it is; usually 32. */
  betaFast: number;
  /** Rotations up to which it is scaled in full; usually 1. */
  betaSlow: number;
}

/** Operators of transformer networks, each with its vector-Jacobian product where ggml has one. */
export abstract class NetworkOperators extends MatrixOperators {
  /** `(x - mean(x)) / sqrt(variance(x) + epsilon)` over rows. ggml has no gradient of it. */
  layerNorm(x: Tensor, epsilon: number): Tensor {
    this.check("layerNorm", [x], isF32(x), "it must be contiguous F32");
    return this.result(native().ggml_norm(this.context, x.handle, epsilon), "F32", x.shape);
  }

  /** `x / sqrt(mean(x²) + epsilon)` over rows. */
  rmsNorm(x: Tensor, epsilon: number): Tensor {
    this.check("rmsNorm", [x], isF32(x), "it must be contiguous F32");
    return this.result(native().ggml_rms_norm(this.context, x.handle, epsilon), "F32", x.shape);
  }

  /** Gradient of {@link NetworkOperators.rmsNorm} at `x`, given that of its result. */
  rmsNormBack(dy: Tensor, x: Tensor, epsilon: number): Tensor {
    this.check("rmsNormBack", [dy, x], areAlike(dy, x), "both must be F32 of one shape");
    const handle = native().ggml_rms_norm_back(this.context, dy.handle, x.handle, epsilon);
    return this.result(handle, "F32", x.shape);
  }

  /** `1 / (1 + exp(-x))` */
  sigmoid(x: Tensor): Tensor {
    this.check("sigmoid", [x], isF32(x), "it must be contiguous F32");
    return this.result(native().ggml_sigmoid(this.context, x.handle), "F32", x.shape);
  }

  /** `x · sigmoid(x)` */
  silu(x: Tensor): Tensor {
    this.check("silu", [x], isF32(x), "it must be contiguous F32");
    return this.result(native().ggml_silu(this.context, x.handle), "F32", x.shape);
  }

  /** Gradient of {@link NetworkOperators.silu} at `x`, given that of its result. */
  siluBack(dy: Tensor, x: Tensor): Tensor {
    this.check("siluBack", [dy, x], areAlike(dy, x), "both must be F32 of one shape");
    return this.result(native().ggml_silu_back(this.context, dy.handle, x.handle), "F32", x.shape);
  }

  /** `silu(gate) · up` */
  swiglu(gate: Tensor, up: Tensor): Tensor {
    this.check("swiglu", [gate, up], areAlike(gate, up), "both must be F32 of one shape");
    const handle = native().ggml_swiglu_split(this.context, gate.handle, up.handle);
    return this.result(handle, "F32", gate.shape);
  }

  /**
   * GELU in its tanh approximation (Hendrycks and Gimpel, https://arxiv.org/abs/1606.08415). CPUs
   * look it up in a table of `F16`. ggml has no gradient of it.
   */
  gelu(x: Tensor): Tensor {
    this.check("gelu", [x], isF32(x), "it must be contiguous F32");
    return this.result(native().ggml_gelu(this.context, x.handle), "F32", x.shape);
  }

  /** `gelu(gate) · up`, see {@link NetworkOperators.gelu}. */
  geglu(gate: Tensor, up: Tensor): Tensor {
    this.check("geglu", [gate, up], areAlike(gate, up), "both must be F32 of one shape");
    const handle = native().ggml_geglu_split(this.context, gate.handle, up.handle);
    return this.result(handle, "F32", gate.shape);
  }

  /**
   * `softmax(scale · x + mask)` over rows.
   *
   * @param mask `F32` `[n0, n1, m2, m3]`, repeated along the last two dimensions; `-Infinity`
   *   excludes an element.
   */
  softMax(x: Tensor, scale = 1, mask?: Tensor): Tensor {
    const isValid =
      isF32(x) &&
      (!mask ||
        (isF32(mask) &&
          mask.shape[0] === x.shape[0] &&
          mask.shape[1] === x.shape[1] &&
          x.shape[2] % mask.shape[2] === 0 &&
          x.shape[3] % mask.shape[3] === 0));
    this.check("softMax", mask ? [x, mask] : [x], isValid, "the mask must repeat to the shape");
    const handle = native().ggml_soft_max_ext(
      this.context,
      x.handle,
      mask?.handle ?? null,
      scale,
      0, // no ALiBi
    );
    return this.result(handle, "F32", x.shape);
  }

  /** Gradient of {@link NetworkOperators.softMax}, given that of its result `y`. */
  softMaxBack(dy: Tensor, y: Tensor, scale = 1): Tensor {
    this.check("softMaxBack", [dy, y], areAlike(dy, y), "both must be F32 of one shape");
    const handle = native().ggml_soft_max_ext_back(this.context, dy.handle, y.handle, scale, 0);
    return this.result(handle, "F32", y.shape);
  }

  /** Rotates `x` `[head size, heads, n]` by `positions` `I32` `[n]`. */
  rope(x: Tensor, positions: Tensor, settings: RopeSettings): Tensor {
    return this.#rope("ggml_rope_ext", x, positions, settings);
  }

  /** Gradient of {@link NetworkOperators.rope}: the rotation the other way. */
  ropeBack(dy: Tensor, positions: Tensor, settings: RopeSettings): Tensor {
    return this.#rope("ggml_rope_ext_back", dy, positions, settings);
  }

  #rope(
    name: "ggml_rope_ext" | "ggml_rope_ext_back",
    x: Tensor,
    positions: Tensor,
    settings: RopeSettings,
  ): Tensor {
    const { dimensions, mode, frequencyBase, frequencyScale, factors, yarn } = settings;
    const { resultFactor = 1 } = settings;
    const isValid =
      x.type === "F32" &&
      positions.type === "I32" &&
      positions.elements === x.shape[2] &&
      dimensions <= x.shape[0] &&
      dimensions % 2 === 0;
    this.check("rope", [x, positions], isValid, `${dimensions} elements must be pairs of a head`);
    const handle = native()[name](
      this.context,
      x.handle,
      positions.handle,
      factors?.handle ?? null,
      dimensions,
      mode === "neox" ? 2 : 0,
      yarn?.originalContext ?? 0,
      frequencyBase,
      frequencyScale,
      yarn ? 1 : 0, // how much of YaRN's blend to take
      resultFactor,
      yarn?.betaFast ?? 32,
      yarn?.betaSlow ?? 1,
    );
    return this.result(handle, "F32", x.shape);
  }
}

const isF32 = (x: Tensor) => x.type === "F32" && x.isContiguous;
const areAlike = (a: Tensor, b: Tensor) => isF32(a) && isF32(b) && isSameShape(a.shape, b.shape);
