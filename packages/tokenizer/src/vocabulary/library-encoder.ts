import { toUSVString } from "node:util";
import { Tokenizer } from "@huggingface/tokenizers";
import { messageOf, StageError } from "@repotune/schema";
import { stepLibraryLacks } from "./split-patterns.ts";
import { textParts } from "./text-parts.ts";
import type { TokenEncoder } from "./token-encoder.ts";
import type { AddedToken, TokenizerJson } from "./tokenizer-json.ts";

/**
 * Characters given to the library at once; it puts a text's tokens on the call stack, which holds
 * some hundred thousand.
 */
const MAX_CHARACTERS = 50_000;

/**
 * `@huggingface/tokenizers` on a vocabulary without its special tokens: they are not looked for in a
 * text, and no merge, piece or word of the model gives one. Nor is a space put before every text, as
 * some vocabularies want; it would stand between mark and content.
 *
 * @param literals added tokens that stand for their text.
 * @param reserved strings of the tokens that no text may become.
 * @throws {StageError} `E_UNSUPPORTED` for a file that the library cannot follow.
 */
export function libraryEncoder(
  json: TokenizerJson,
  literals: readonly AddedToken[],
  reserved: ReadonlySet<string>,
  path: string,
): TokenEncoder["encode"] {
  const lacking = stepLibraryLacks(json.pre_tokenizer);
  if (lacking !== undefined) throw unsupported(path, `${lacking} is not known.`);
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(
      {
        ...json,
        normalizer: withoutPrefix(json.normalizer),
        pre_tokenizer: withoutPrefix(json.pre_tokenizer),
        added_tokens: [...literals],
        post_processor: null,
        model: withoutReserved(json.model, reserved),
      },
      { clean_up_tokenization_spaces: false },
    );
  } catch (cause) {
    throw unsupported(path, messageOf(cause), cause);
  }
  return (text) => {
    const ids: number[] = [];
    for (const part of textParts(toUSVString(text), MAX_CHARACTERS)) {
      for (const id of tokenizer.encode(part, { add_special_tokens: false }).ids) ids.push(id);
    }
    return ids;
  };
}

const unsupported = (path: string, reason: string, cause?: unknown): StageError =>
  new StageError("E_UNSUPPORTED", `${path} cannot be used: ${reason}`, {
    hint: "Use a tokenizer.json with a BPE, Unigram or WordPiece model, or the model's GGUF (--base).",
    cause,
  });

/** A lone surrogate begins no text that reaches the library. */
const unreachable = (token: string): string => `\ud800${token}`;

/** The model with names for its reserved tokens that no text can spell, and no merges that give one. */
function withoutReserved(
  model: TokenizerJson["model"],
  reserved: ReadonlySet<string>,
): TokenizerJson["model"] {
  const renamed = (token: string) => (reserved.has(token) ? unreachable(token) : token);
  const { vocab, merges, unk_token } = model;
  return {
    ...model,
    vocab: Array.isArray(vocab)
      ? vocab.map(([token, score]): [string, number] => [renamed(token), score])
      : Object.fromEntries(Object.entries(vocab).map(([token, id]) => [renamed(token), id])),
    ...(typeof unk_token === "string" && { unk_token: renamed(unk_token) }),
    ...(merges && { merges: merges.filter((merge) => !reserved.has(resultOf(merge))) }),
  };
}

const resultOf = (merge: string | readonly [string, string]): string =>
  typeof merge === "string" ? merge.replace(" ", "") : merge.join("");

/** A normalizer or pre-tokenizer that puts nothing before a text. */
function withoutPrefix<T>(step: T): T {
  if (typeof step !== "object" || step === null) return step;
  const { type } = step as { type?: string };
  if (type === "Prepend") return { type: "Sequence", normalizers: [] } as T;
  if (type === "Metaspace") return { ...step, prepend_scheme: "never" };
  if (type === "ByteLevel") return { ...step, add_prefix_space: false };
  if (type !== "Sequence") return step;
  const list = "normalizers" in step ? "normalizers" : "pretokenizers";
  const steps = (step as Record<string, unknown>)[list];
  return { ...step, [list]: Array.isArray(steps) ? steps.map(withoutPrefix) : steps };
}
