import { readFile } from "node:fs/promises";
import {
  inputError,
  messageOf,
  StageError,
  type Vocabulary,
  vocabularyHash,
} from "@repotune/schema";
import { libraryEncoder } from "./library-encoder.ts";
import { checkHash, type LoadOptions } from "./load-options.ts";
import { ownEncoder } from "./own-encoder.ts";
import { isReserved, TOKEN_TYPE } from "./reserved-tokens.ts";
import { differenceOnSample, SAMPLE } from "./sample.ts";
import { structureEncoder } from "./structure-encoder.ts";
import { bytesOfTokens, type TokenAlphabet } from "./token-bytes.ts";
import { decodeBytes, type TokenEncoder } from "./token-encoder.ts";
import { parseTokenizerJson, type TokenizerJson, tokensInIdOrder } from "./tokenizer-json.ts";

/**
 * How published vocabularies spell the end of a text; `tokenizer.json` does not say which one it is.
 * The most specific come first, because some vocabularies have several.
 */
const END_OF_TEXT = [
  "<|endoftext|>",
  "<|end_of_text|>",
  "<|end▁of▁sentence|>",
  "<｜end▁of▁sentence｜>",
  "</s>",
  "<eos>",
  "[SEP]",
];

/**
 * Reads a vocabulary from a `tokenizer.json`.
 *
 * Byte-level BPE is encoded by this package, if on a sample it gives the ids that
 * `@huggingface/tokenizers` gives; everything else by that library, an order of magnitude slower.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` if it is not such a file, `E_MISMATCH`,
 *   `E_UNSUPPORTED` for other models than BPE, Unigram and WordPiece, and for what that library lacks.
 */
export async function loadTokenizerJson(
  path: string,
  options: LoadOptions = {},
): Promise<TokenEncoder> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new StageError("E_INPUT", `${path} is not JSON: ${messageOf(cause)}`, {
      hint: "The file is incomplete, or not a tokenizer.json: fetch it again.",
      cause,
    });
  }
  const encoder = encoderOf(parseTokenizerJson(json, path), "tokenizer.json", path, options);
  checkHash(path, encoder.vocabulary.vocabulary_hash, options);
  return encoder;
}

/**
 * An encoder for a `tokenizer.json` that has been read or made.
 *
 * @param path for messages.
 * @throws {StageError} `E_INPUT`, `E_UNSUPPORTED`.
 */
export function encoderOf(
  json: TokenizerJson,
  kind: Vocabulary["kind"],
  path = "tokenizer.json",
  { onNotice }: LoadOptions = {},
): TokenEncoder {
  const tokens = tokensInIdOrder(json, path);
  const isStructure = ({ content, special }: { content: string; special: boolean }) =>
    special || isReserved(content, TOKEN_TYPE.userDefined);
  const special = new Map(json.added_tokens.filter(isStructure).map((t) => [t.content, t.id]));
  const literals = json.added_tokens.filter((token) => !isStructure(token));
  const reserved = new Set(special.keys());
  const alphabet = alphabetOf(json);

  const library = libraryEncoder(json, literals, reserved, path);
  const own = ownEncoder(json, literals, reserved);
  const difference = own
    ? differenceOnSample(own(SAMPLE), library(SAMPLE))
    : "it is not plain byte-level BPE";
  const encode = own && difference === undefined ? own : library;
  if (encode === library) {
    onNotice?.(`The vocabulary of ${path} is encoded slowly, by a library: ${difference}.`);
  }
  const { documentEndId, ...structure } = structureEncoder({
    specialIds: special,
    documentStartId: null,
    documentEndId:
      END_OF_TEXT.map((token) => special.get(token)).find((id) => id !== undefined) ?? null,
    encode,
  });
  const specialIds = new Set(special.values());
  const encoder: TokenEncoder = {
    source: path,
    vocabulary: {
      kind,
      vocabulary_hash: vocabularyHash(tokens),
      vocab_size: tokens.length,
      document_end_id: documentEndId,
    },
    tokens,
    tokenBytes: bytesOfTokens(tokens, alphabet, (id) => specialIds.has(id)),
    encode,
    ...structure,
  };
  if (onNotice && Buffer.from(decodeBytes(encoder, encode(SAMPLE))).toString() !== SAMPLE) {
    onNotice(`The vocabulary of ${path} does not keep a text as it is: what it writes differs.`);
  }
  return encoder;
}

function alphabetOf({ model, normalizer, decoder, pre_tokenizer }: TokenizerJson): TokenAlphabet {
  if (model.type === "WordPiece") {
    return { kind: "continued", prefix: model.continuing_subword_prefix ?? "##" };
  }
  const steps = JSON.stringify([normalizer, decoder, pre_tokenizer]);
  if (steps.includes('"ByteLevel"')) return { kind: "byte-level" };
  if (model.end_of_word_suffix) return { kind: "ended", suffix: model.end_of_word_suffix };
  return { kind: "sentencepiece" };
}
