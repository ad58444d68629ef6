import { StageError } from "@repotune/schema";
import { type TrainBpeOptions, trainBpe } from "../bpe/train.ts";
import { STRUCTURE_TOKENS } from "../render/structure.ts";
import { type TokenizerJson, tokenizerJson } from "./tokenizer-json.ts";

/**
 * Ids set aside for structure, so that with the 256 bytes the merges begin at 352: later renderings
 * can have tokens of their own, and ids stay as they are.
 */
const SPECIAL_TOKENS = 96;

/** Vocabulary sizes are multiples of this, since quantised weights come in blocks of 32. */
export const SIZE_STEP = 32;

/** The smallest vocabulary: structure and single bytes, no merges. */
export const MIN_VOCAB_SIZE = SPECIAL_TOKENS + 256;

/** Special tokens of a trained vocabulary, in id order from 0. */
export const SPECIAL_TOKEN_STRINGS: readonly string[] = Array.from(
  { length: SPECIAL_TOKENS },
  (_, id) => STRUCTURE_TOKENS[id] ?? `<RESERVED_${id}>`,
);

/**
 * Trains a vocabulary on counted words and gives it as a `tokenizer.json`.
 *
 * Its size is a multiple of 32, at most `vocabSize`: text that repeats little has fewer merges.
 *
 * @throws {StageError} `E_USAGE` for a size below {@link MIN_VOCAB_SIZE}, `E_INTERRUPTED`.
 */
export function trainVocabulary(
  wordCounts: ReadonlyMap<string, number>,
  { vocabSize, ...options }: Omit<TrainBpeOptions, "specialTokens">,
): TokenizerJson {
  if (vocabSize < MIN_VOCAB_SIZE) {
    throw new StageError("E_USAGE", `A vocabulary of ${vocabSize} tokens is too small.`, {
      hint: `It needs at least ${MIN_VOCAB_SIZE}: ${SPECIAL_TOKENS} for structure and 256 bytes.`,
    });
  }
  const bpe = trainBpe(wordCounts, { ...options, vocabSize, specialTokens: SPECIAL_TOKEN_STRINGS });
  const size = Math.floor(bpe.tokens.length / SIZE_STEP) * SIZE_STEP;
  const tokens = bpe.tokens.slice(0, size);
  const known = new Set(tokens);
  const merges = bpe.merges.filter(([left, right]) => known.has(left + right));
  return tokenizerJson({ tokens, merges }, SPECIAL_TOKEN_STRINGS);
}
