import { StageError } from "@repotune/schema";
import type { Pointer } from "../native/signature.ts";
import { type Shape, shapeText, Tensor } from "../tensor.ts";
import type { GgmlType } from "../types.ts";

/** What all operators share: the context that their results are created in. */
export abstract class OperatorBase {
  /** `ggml_context` */
  protected readonly context: bigint;
  readonly #capacity: number;
  #created = 0;

  constructor(context: bigint, capacity: number) {
    this.context = context;
    this.#capacity = capacity;
  }

  /** Wraps the result of an operator. */
  protected result(
    handle: Pointer,
    type: GgmlType,
    shape: Shape,
    options?: ConstructorParameters<typeof Tensor>[3],
  ): Tensor {
    return new Tensor(handle as bigint, type, shape, options);
  }

  /**
   * Refuses an operation that ggml would end the process for. To be called before each operator.
   *
   * @param isValid what must hold.
   * @param rule the condition in words.
   * @throws {StageError} `E_INTERNAL` naming the operator and the shapes.
   */
  protected check(
    operator: string,
    operands: readonly Tensor[],
    isValid: boolean,
    rule: string,
  ): void {
    this.#created += 1;
    if (this.#created > this.#capacity) {
      throw new StageError(
        "E_INTERNAL",
        `A graph of ${this.#capacity} nodes is too small: reserve more.`,
      );
    }
    if (isValid) return;
    const shapes = operands.map(({ type, shape }) => `${type} ${shapeText(shape)}`).join(" and ");
    throw new StageError("E_INTERNAL", `${operator} of ${shapes}: ${rule}.`);
  }
}

/** Whether two shapes are the same. */
export const isSameShape = (a: Shape, b: Shape): boolean => a.every((n, i) => n === b[i]);

/** Whether repeating `small` along its dimensions gives `large`. */
export const isRepeatable = (small: Shape, large: Shape): boolean =>
  small.every((n, i) => (large[i] as number) % n === 0);
