import { SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import { wordSplitter } from "../bpe/words.ts";
import type { RenderedDocument } from "./render-history.ts";

/**
 * Distinct words kept at most, about 300 MB. Beyond it the rarest are forgotten: they would hardly
 * take part in a merge.
 */
const MAX_WORDS = 2_000_000;
/** Longer words are data, not language: encoded images, hashes, minified code. */
const MAX_WORD_LENGTH = 64;

/**
 * Counts the words of all text that bears on the loss, as the pre-tokenizer of trained vocabularies
 * cuts them.
 */
export async function countWords(
  documents: AsyncIterable<RenderedDocument>,
): Promise<Map<string, number>> {
  const split = wordSplitter(SCRATCH_PRE_TOKENIZER.pattern);
  const counts = new Map<string, number>();
  for await (const { pieces } of documents) {
    for (const piece of pieces) {
      if (piece.kind !== "text" || piece.parts.every(({ weight }) => weight === 0)) continue;
      for (const word of split(piece.parts.map(({ text }) => text).join(""))) {
        if (word.length <= MAX_WORD_LENGTH) counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
    if (counts.size > MAX_WORDS) forgetRarest(counts);
  }
  return counts;
}

/** Removes the words of lowest count until half of what is allowed is left. */
function forgetRarest(counts: Map<string, number>): void {
  for (let rare = 1; counts.size > MAX_WORDS / 2; rare++) {
    for (const [word, count] of counts) if (count <= rare) counts.delete(word);
  }
}
