import { layOut } from "../data/micro-batch.ts";
import type { Piece, Sequence } from "../data/sequence.ts";
import type { Engine } from "../engine/engine.ts";

/** Tokens of a causal document that a continuation starts from. */
const PROMPT_TOKENS = 32;

/**
 * The beginning of a held-out document: its context, or where it has none its first tokens, at most
 * half of it.
 *
 * @param room tokens that it may have; the last ones of a longer context are taken.
 */
export function promptOf([piece]: Sequence, room: number): number[] {
  const { tokens, predictFrom } = piece as Piece;
  const half = Math.ceil(tokens.length / 2);
  const end = predictFrom > 1 ? predictFrom : Math.min(PROMPT_TOKENS, half);
  return Array.from(tokens).slice(Math.max(0, end - room), end);
}

/** Limits of a continuation. */
export interface ContinuationLimits {
  /** Tokens at most. */
  tokens: number;
  /** Seconds after which no further pass begins. */
  seconds: number;
  /** Token after which to stop. */
  documentEndId: number | null;
}

/**
 * What a model goes on with after `prompt`, the most probable token each time.
 *
 * The training graphs keep nothing from token to token, but predict all places of a sequence at
 * once: so the predictions themselves are taken as a draft and predicted upon, until they stay
 * (Jacobi decoding, Santilli et al., https://arxiv.org/abs/2305.10427). Each pass settles one more
 * token at least, and gives what token by token would give.
 */
export async function continueGreedily(
  engine: Engine,
  prompt: readonly number[],
  limits: ContinuationLimits,
): Promise<number[]> {
  const began = performance.now();
  const count = Math.min(limits.tokens, engine.shape.sequenceLength - prompt.length);
  let draft: number[] = Array.from({ length: count }, () => 0);
  let settled = 0;
  while (settled < count && (settled === 0 || performance.now() - began < 1000 * limits.seconds)) {
    const predictions = await predict(engine, [...prompt, ...draft], prompt.length);
    const wrong = predictions.findIndex((id, i) => id !== draft[i]);
    settled = wrong < 0 ? count : wrong + 1; // what follows right tokens is right itself
    draft = predictions;
    const end = draft.indexOf(limits.documentEndId ?? -1);
    if (end >= 0 && end < settled) return draft.slice(0, end + 1);
  }
  return draft.slice(0, settled);
}

/** The most probable tokens in the places of `tokens` from `from` on. */
async function predict(engine: Engine, tokens: number[], from: number): Promise<number[]> {
  const piece = { tokens, lossWeights: new Uint8Array(tokens.length), predictFrom: from };
  const { predictions } = await engine.evaluate(layOut([[piece]], engine.shape, true));
  return Array.from(predictions);
}
