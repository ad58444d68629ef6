import { SCRATCH_PRE_TOKENIZER } from "@repotune/schema";
import { type TokenizerJson, trainVocabulary, wordSplitter } from "../src/index.ts";
import { realTexts } from "./real-text.ts";

/** A vocabulary trained on this package's sources. */
export function realVocabulary(vocabSize = 1024): TokenizerJson {
  const split = wordSplitter(SCRATCH_PRE_TOKENIZER.pattern);
  const counts = new Map<string, number>();
  for (const word of realTexts().flatMap(split)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return trainVocabulary(counts, { vocabSize });
}
