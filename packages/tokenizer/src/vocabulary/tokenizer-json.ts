import { SCRATCH_PRE_TOKENIZER, StageError } from "@repotune/schema";
import { Type } from "typebox";
import { Check, Errors } from "typebox/value";
import type { TrainedBpe } from "../bpe/train.ts";

/** Kinds of models that can be encoded. */
const MODELS = ["BPE", "Unigram", "WordPiece"];

const DAMAGED = "The file is damaged, or was edited: fetch or write it again.";

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
    unk_token?: string | null;
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

/** What is read of any JSON that claims to be a `tokenizer.json`. */
const TokenizerJsonSchema = Type.Object({
  added_tokens: Type.Array(
    Type.Object({ id: Type.Integer({ minimum: 0 }), content: Type.String() }),
  ),
  model: Type.Object({
    type: Type.Optional(Type.String()),
    vocab: Type.Union([
      Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
      Type.Array(Type.Tuple([Type.String(), Type.Number()])),
    ]),
    merges: Type.Optional(
      Type.Array(
        Type.Union([
          Type.String({ pattern: "[^] [^]" }),
          Type.Tuple([Type.String(), Type.String()]),
        ]),
      ),
    ),
  }),
});

/**
 * Checks that a JSON value is a `tokenizer.json`, as far as it is read here.
 *
 * @param path for messages.
 * @throws {StageError} `E_INPUT` naming what is missing or wrong, `E_UNSUPPORTED` for another kind of
 *   model than BPE, Unigram and WordPiece.
 */
export function parseTokenizerJson(json: unknown, path: string): TokenizerJson {
  const { model } = (json ?? {}) as { model?: { type?: unknown } };
  if (typeof model?.type === "string" && !MODELS.includes(model.type)) {
    throw new StageError("E_UNSUPPORTED", `${path}: a ${model.type} vocabulary cannot be used.`, {
      hint: `Use a tokenizer.json whose model is one of ${MODELS.join(", ")}.`,
    });
  }
  if (!Check(TokenizerJsonSchema, json)) {
    const [error] = Errors(TokenizerJsonSchema, json);
    const where = error?.instancePath.slice(0, 80) || "it";
    throw new StageError(
      "E_INPUT",
      `${path} is not a tokenizer.json: ${where} ${error?.message}.`,
      {
        hint: "Give the tokenizer.json of a model, as Hugging Face's hub has it.",
      },
    );
  }
  const { normalizer = null, pre_tokenizer = null, decoder = null } = json as TokenizerJson;
  const known = json as TokenizerJson;
  // Older files do not name the model; only BPE has merges.
  const type = known.model.type ?? (known.model.merges ? "BPE" : "Unigram");
  return { ...known, normalizer, pre_tokenizer, decoder, model: { ...known.model, type } };
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
      throw new StageError("E_INPUT", `${path}: id ${id} of token "${token}" is not its own.`, {
        hint: DAMAGED,
      });
    }
    tokens[id] = token;
  }
  // Ids that are not their own are at most as many as there are entries: a gap is found by then.
  for (let id = 0; id < Math.min(tokens.length, entries.length + added.length + 1); id++) {
    if (tokens[id] === undefined) {
      throw new StageError("E_INPUT", `${path} has no token ${id}.`, { hint: DAMAGED });
    }
  }
  return tokens;
}
