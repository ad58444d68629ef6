const marker = Symbol.for("repotune.error");

/** Stable, machine-readable reason of a failure. */
export type StageErrorCode =
  /** A flag, an option or a combination of them is wrong. Exit code 2. */
  | "E_USAGE"
  /** A path that must exist does not. */
  | "E_NOT_FOUND"
  /** A folder that must hold a git repository does not. */
  | "E_NOT_A_REPOSITORY"
  /** A repository, a history or a dataset holds too little to go on. */
  | "E_TOO_SMALL"
  /** A record or a file does not have the form its format asks for. */
  | "E_INPUT"
  /** A file ends before it should. */
  | "E_TRUNCATED"
  /** A file was written for another version of its format. */
  | "E_SCHEMA_VERSION"
  /** A model, a tokenizer or a device is of a kind that cannot be used here. */
  | "E_UNSUPPORTED"
  /** Token ids and model, or two artefacts, do not belong together. */
  | "E_MISMATCH"
  /** A result cannot be written: no permission, no space, a folder in the way. */
  | "E_OUTPUT"
  /** git itself failed. */
  | "E_GIT"
  /** A training no longer learns: its loss or its gradients are infinite or no numbers. */
  | "E_DIVERGED"
  /** Memory, on the host or on a device, does not suffice. */
  | "E_MEMORY"
  /** The work was stopped by its `AbortSignal`. */
  | "E_INTERRUPTED"
  /** A defect of this program. */
  | "E_INTERNAL";

export interface StageErrorOptions {
  /** One sentence that tells the reader what to do next. */
  hint?: string | undefined;
  cause?: unknown;
}

/**
 * The one class of error that a stage throws on purpose.
 *
 * The message quotes the offending value and where it stood; {@link StageError.hint} says what to
 * do next. Recognise it by {@link isStageError}, not by `instanceof`: two stages may carry two
 * copies of this package.
 */
export class StageError extends Error {
  override readonly name = "StageError";
  readonly code: StageErrorCode;
  readonly hint: string | undefined;
  readonly [marker] = true;

  constructor(code: StageErrorCode, message: string, { hint, cause }: StageErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}

/** Whether `value` is a {@link StageError} of any copy of this package. */
export const isStageError = (value: unknown): value is StageError =>
  typeof value === "object" && value !== null && marker in value;

/** The text of anything that was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Throws `E_INTERRUPTED` once `signal` is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StageError("E_INTERRUPTED", "Interrupted.");
}
