import { SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import { WordCounter } from "../bpe/word-counter.ts";
import { wordSplitter } from "../bpe/words.ts";
import type { RenderedDocument } from "./render-history.ts";

/**
 * Counts the words of all text that bears on the loss, as the pre-tokenizer of trained vocabularies
 * cuts them.
 */
export async function countWords(documents: AsyncIterable<RenderedDocument>): Promise<WordCounter> {
  const split = wordSplitter(SCRATCH_PRE_TOKENIZER.pattern);
  const counter = new WordCounter();
  for await (const { pieces } of documents) {
    for (const piece of pieces) {
      if (piece.kind !== "text" || piece.parts.every(({ weight }) => weight === 0)) continue;
      for (const word of split(piece.parts.map(({ text }) => text).join(""))) counter.add(word);
    }
  }
  return counter;
}
