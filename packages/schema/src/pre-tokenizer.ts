/** A rule that cuts text into words before byte-level BPE, under the name llama.cpp has for it. */
export interface PreTokenizer {
  /** Value of `tokenizer.ggml.pre` in a GGUF file. */
  name: string;
  /** The regular expression, spelled as in llama.cpp's `llama-vocab.cpp`. */
  pattern: string;
  /** Other spellings of the same rule, found in published `tokenizer.json` files. */
  spellings: readonly string[];
}

/**
 * The rule of vocabularies trained on a repository.
 *
 * Of those llama.cpp knows it suits code best: indentation stays apart from what follows, closing
 * punctuation takes its line end along, digits stand alone. And its name brings no side effect in
 * llama.cpp: no token is put before the text, no space is removed when ids become text again.
 */
export const SCRATCH_PRE_TOKENIZER: PreTokenizer = {
  name: "qwen2",
  pattern:
    "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  spellings: [
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ],
};

/** Rules whose name is known; llama.cpp has more, each a variation of these. */
export const PRE_TOKENIZERS: readonly PreTokenizer[] = [
  SCRATCH_PRE_TOKENIZER,
  {
    name: "llama-bpe",
    pattern:
      "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    spellings: [
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    ],
  },
  {
    name: "gpt-2",
    pattern: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
    spellings: [
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
      "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
    ],
  },
];

interface PreTokenizerJson {
  type?: string;
  pretokenizers?: PreTokenizerJson[];
  pattern?: { Regex?: string };
  behavior?: string;
  invert?: boolean;
  use_regex?: boolean;
  add_prefix_space?: boolean;
}

/**
 * The rule that the `pre_tokenizer` of a `tokenizer.json` follows, if it is one of
 * {@link PRE_TOKENIZERS}: one isolating `Split` followed by `ByteLevel`, or `ByteLevel` by itself.
 */
export function preTokenizerOf(preTokenizer: unknown): PreTokenizer | undefined {
  const json = preTokenizer as PreTokenizerJson | null;
  const steps = json?.type === "Sequence" ? (json.pretokenizers ?? []) : json ? [json] : [];
  const byteLevel = steps.at(-1);
  if (byteLevel?.type !== "ByteLevel" || byteLevel.add_prefix_space === true) return undefined;
  const usesRegex = byteLevel.use_regex !== false;
  if (steps.length === 1 && usesRegex) return PRE_TOKENIZERS.find(({ name }) => name === "gpt-2");
  const [split] = steps;
  if (steps.length !== 2 || usesRegex || split?.type !== "Split") return undefined;
  if (split.behavior !== "Isolated" || split.invert === true) return undefined;
  const regex = split.pattern?.Regex;
  return PRE_TOKENIZERS.find(
    ({ pattern, spellings }) => regex !== undefined && [pattern, ...spellings].includes(regex),
  );
}
