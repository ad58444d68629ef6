/** Shape of context-target windows, in tokens. */
export interface WindowShape {
  /** Tokens that are given. */
  contextLength: number;
  /** Tokens that follow and are to be predicted. */
  targetLength: number;
  /** From one window's start to the next one's. */
  stride: number;
}

/** A stretch of a token stream: the loss is on `targetStart … end`, given everything from `start`. */
export interface ContextTargetWindow {
  start: number;
  targetStart: number;
  end: number;
}

/**
 * Windows over one side's stream of `tokenCount` tokens, all of the same shape, every `stride`
 * tokens; tokens after the last whole window are in no target.
 *
 * A stream shorter than one window gives one window with a shorter context, or none if it is not
 * longer than the target.
 */
export function* contextTargetWindows(
  tokenCount: number,
  { contextLength, targetLength, stride }: WindowShape,
): Generator<ContextTargetWindow> {
  const length = contextLength + targetLength;
  if (tokenCount < length) {
    const targetStart = tokenCount - targetLength;
    if (targetStart > 0) yield { start: 0, targetStart, end: tokenCount };
    return;
  }
  for (let start = 0; start + length <= tokenCount; start += stride) {
    yield { start, targetStart: start + contextLength, end: start + length };
  }
}
