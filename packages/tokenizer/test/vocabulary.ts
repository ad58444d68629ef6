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

/**
 * A vocabulary with the special tokens of Qwen2.5-Coder, or others, in place of those for structure.
 *
 * @param special names of special tokens; the last one ends a text.
 */
export function baseVocabulary(
  special: readonly string[] = [
    ...["<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|repo_name|>", "<|file_sep|>"],
    "<|endoftext|>",
  ],
): TokenizerJson {
  const json = realVocabulary();
  const names = new Map(
    json.added_tokens.map(({ content, id }) => [content, special[id] ?? `<|unused_${id}|>`]),
  );
  for (const token of json.added_tokens) token.content = names.get(token.content) ?? "";
  const vocab = Object.entries(json.model.vocab as Record<string, number>);
  json.model.vocab = Object.fromEntries(
    vocab.map(([token, id]) => [names.get(token) ?? token, id]),
  );
  return json;
}
