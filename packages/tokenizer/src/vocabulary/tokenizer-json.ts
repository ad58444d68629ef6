import { SCRATCH_PRE_TOKENIZER, StageError } from "@repotune/schema";
import type { TrainedBpe } from "../bpe/train.ts";

/** A token that text is searched for before anything else is done to it. */
export interface AddedToken {
  id: number;
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

/**
 * The parts of a `tokenizer.json` that are read here
 * (https://huggingface.co/docs/tokenizers/main/en/api/tokenizer).
 */
export interface TokenizerJson {
  version: string;
  added_tokens: AddedToken[];
  normalizer: { type?: string } | null;
  pre_tokenizer: unknown;
  decoder: { type?: string } | null;
  model: {
    type?: string;
    vocab: Record<string, number> | [token: string, score: number][];
    merges?: (string | [left: string, right: string])[];
    continuing_subword_prefix?: string | null;
    end_of_word_suffix?: string | null;
    byte_fallback?: boolean;
    ignore_merges?: boolean;
  };
}

/** A trained vocabulary as a `tokenizer.json` for every program that reads this format. */
export function tokenizerJson(
  { tokens, merges }: TrainedBpe,
  specialTokens: readonly string[],
): TokenizerJson {
  const json = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: { Regex: SCRATCH_PRE_TOKENIZER.pattern },
          behavior: "Isolated",
          invert: false,
        },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      // As strings, which older readers and GGUF want; no token of the byte alphabet has a space.
      merges: merges.map((pair) => pair.join(" ")),
    },
  };
  return json;
}

/**
 * Token strings in id order, those of `added_tokens` among them.
 *
 * @param path for messages.
 * @throws {StageError} `E_INPUT` if an id is missing or given twice.
 */
export function tokensInIdOrder(json: TokenizerJson, path: string): string[] {
  const { vocab } = json.model;
  const entries: [string, number][] = Array.isArray(vocab)
    ? vocab.map(([token], id) => [token, id])
    : Object.entries(vocab);
  const tokens: string[] = [];
  const added = json.added_tokens.map(({ content, id }): [string, number] => [content, id]);
  for (const [token, id] of [...entries, ...added]) {
    if (!Number.isSafeInteger(id) || id < 0 || (tokens[id] ?? token) !== token) {
      throw new StageError("E_INPUT", `${path}: id ${id} of token "${token}" is not its own.`);
    }
    tokens[id] = token;
  }
  for (let id = 0; id < tokens.length; id++) {
    if (tokens[id] === undefined) throw new StageError("E_INPUT", `${path} has no token ${id}.`);
  }
  return tokens;
}
