import { bpeEncoder } from "../bpe/encoder.ts";
import { wordSplitter } from "../bpe/words.ts";
import { splitMerge } from "./gguf-encoder.ts";
import { withLiteralTokens } from "./literal-tokens.ts";
import { splitPatterns } from "./split-patterns.ts";
import type { TokenEncoder } from "./token-encoder.ts";
import type { AddedToken, TokenizerJson } from "./tokenizer-json.ts";

/**
 * This package's own encoder for a `tokenizer.json`, if that is byte-level BPE and asks for nothing
 * else than what is known here.
 *
 * @param literals added tokens that stand for their text.
 * @param reserved strings of the tokens that no text may become.
 */
export function ownEncoder(
  { model, normalizer, pre_tokenizer }: TokenizerJson,
  literals: readonly AddedToken[],
  reserved: ReadonlySet<string>,
): TokenEncoder["encode"] | undefined {
  const patterns = splitPatterns(pre_tokenizer);
  const normalize = normalization(normalizer);
  const isPlain =
    model.type === "BPE" &&
    !Array.isArray(model.vocab) &&
    !model.continuing_subword_prefix &&
    !model.end_of_word_suffix &&
    literals.every(({ lstrip, rstrip, single_word }) => !lstrip && !rstrip && !single_word);
  if (!patterns || !normalize || !isPlain) return undefined;
  const ids = new Map(Object.entries(model.vocab as Record<string, number>));
  for (const token of [...reserved, ...literals.map(({ content }) => content)]) ids.delete(token);
  try {
    const encode = bpeEncoder({
      ids,
      merges: (model.merges ?? [])
        .map((merge) => (typeof merge === "string" ? splitMerge(merge) : merge))
        .filter(([left, right]) => ids.has(left + right)),
      splitWords: wordSplitter(patterns),
      ignoresMerges: model.ignore_merges ?? false,
    });
    return withLiteralTokens(
      (text) => encode(normalize(text)),
      new Map(literals.map(({ content, id }) => [content, id])),
    );
  } catch {
    return undefined; // Bytes are missing from it: the library knows how to do without.
  }
}

const FORMS = new Set(["NFC", "NFD", "NFKC", "NFKD"]);

/** A normalizer as a function, if it is one of Unicode's forms or nothing. */
function normalization(
  normalizer: TokenizerJson["normalizer"],
): ((text: string) => string) | undefined {
  if (normalizer === null) return (text) => text;
  const { type } = normalizer;
  return type !== undefined && FORMS.has(type) ? (text) => text.normalize(type) : undefined;
}
