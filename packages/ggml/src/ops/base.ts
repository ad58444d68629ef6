import { StageError } from "@repotune/schema";
import { native } from "../native/load.ts";
import type { Pointer } from "../native/signature.ts";
import { type Shape, shapeText, Tensor } from "../tensor.ts";
import type { GgmlType } from "../types.ts";

/** Operators that one context has room for; further ones go into another. */
const CONTEXT_NODES = 1024;

/** What all operators share: the contexts that their results are created in. */
export abstract class OperatorBase {
  /** `ggml_context`s, the current one last. */
  readonly #contexts: bigint[] = [];
  #created = 0;

  /** Operators written down so far. */
  get nodes(): number {
    return this.#created;
  }

  /** `ggml_context` for the next result. */
  protected get context(): bigint {
    return this.#contexts.at(-1) as bigint;
  }

  /** Frees the description of all results. */
  dispose(): void {
    for (const context of this.#contexts.splice(0)) native().ggml_free(context);
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
    if (isValid) {
      if (this.#created % CONTEXT_NODES === 0) this.#contexts.push(newContext());
      this.#created += 1;
      return;
    }
    const shapes = operands.map(({ type, shape }) => `${type} ${shapeText(shape)}`).join(" and ");
    throw new StageError("E_INTERNAL", `${operator} of ${shapes}: ${rule}.`);
  }
}

function newContext(): bigint {
  const lib = native();
  return lib.ggml_init({
    mem_size: lib.ggml_tensor_overhead() * CONTEXT_NODES,
    mem_buffer: null,
    no_alloc: true,
  }) as bigint;
}

/** Whether two shapes are the same. */
export const isSameShape = (a: Shape, b: Shape): boolean => a.every((n, i) => n === b[i]);

/** Whether repeating `small` along its dimensions gives `large`. */
export const isRepeatable = (small: Shape, large: Shape): boolean =>
  small.every((n, i) => (large[i] as number) % n === 0);
