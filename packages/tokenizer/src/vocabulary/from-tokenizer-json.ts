import { readFile } from "node:fs/promises";
import { Tokenizer } from "@huggingface/tokenizers";
import {
  inputError,
  messageOf,
  preTokenizerOf,
  StageError,
  type Vocabulary,
  vocabularyHash,
} from "@repotune/schema";
import { bpeEncoder } from "../bpe/encoder.ts";
import { wordSplitter } from "../bpe/words.ts";
import { structureEncoder } from "./structure-encoder.ts";
import { bytesOfTokens, type TokenAlphabet } from "./token-bytes.ts";
import type { TokenEncoder } from "./token-encoder.ts";
import { type TokenizerJson, tokensInIdOrder } from "./tokenizer-json.ts";

/**
 * How published vocabularies spell the end of a text; `tokenizer.json` does not say which one it is.
 * The most specific come first, because some vocabularies have several.
 */
const END_OF_TEXT = ["<|endoftext|>", "<|end_of_text|>", "<|end▁of▁sentence|>", "</s>", "<eos>"];

/** Text in which tokenizers that differ would show it: indentation, runs, digits, other scripts. */
const SAMPLE =
  "fn main() {\n    let x1 = 1024;\t// don't — naïve 日本語 🙂\r\n\n\n\tvec![0u8; 16]  \n}\n<s> </s>\n";

/**
 * Reads a vocabulary from a `tokenizer.json`.
 *
 * Byte-level BPE is encoded by this package, if on a sample it gives the ids that
 * `@huggingface/tokenizers` gives; everything else by that library, an order of magnitude slower.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` if it is not such a file, `E_UNSUPPORTED` for other
 *   models than BPE and Unigram.
 */
export async function loadTokenizerJson(path: string): Promise<TokenEncoder> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw inputError(path, cause);
  });
  let json: Partial<TokenizerJson> | null;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new StageError("E_INPUT", `${path} is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (typeof json?.model?.vocab !== "object" || !Array.isArray(json.added_tokens)) {
    throw new StageError("E_INPUT", `${path} is not a tokenizer.json: it has no vocabulary.`);
  }
  return encoderOf(json as TokenizerJson, "tokenizer.json", path);
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
): TokenEncoder {
  const tokens = tokensInIdOrder(json, path);
  const special = new Map(
    json.added_tokens.filter((token) => token.special).map(({ content, id }) => [content, id]),
  );
  const specialIds = new Set(special.values());
  const fast = fastEncoder(json, tokens);
  const encode =
    fast && (kind === "trained" || agrees(fast, json, path)) ? fast : libraryEncoder(json, path);
  const { documentEndId, ...structure } = structureEncoder({
    specialIds: special,
    documentStartId: null,
    documentEndId:
      END_OF_TEXT.map((token) => special.get(token)).find((id) => id !== undefined) ?? null,
    encode,
  });
  return {
    vocabulary: {
      kind,
      vocabulary_hash: vocabularyHash(tokens),
      vocab_size: tokens.length,
      document_end_id: documentEndId,
    },
    tokenBytes: bytesOfTokens(tokens, alphabetOf(json), (id) => specialIds.has(id)),
    encode,
    ...structure,
  };
}

/** This package's own encoder, if it can do what the file asks for. */
function fastEncoder(json: TokenizerJson, tokens: string[]): TokenEncoder["encode"] | undefined {
  const { model } = json;
  const rule = preTokenizerOf(json.pre_tokenizer);
  const isPlainBpe =
    model.type === "BPE" &&
    model.merges !== undefined &&
    !model.continuing_subword_prefix &&
    !model.end_of_word_suffix &&
    json.normalizer === null;
  if (!rule || !isPlainBpe) return undefined;
  const added = new Set(json.added_tokens.map(({ id }) => id));
  const ids = new Map(tokens.flatMap((token, id) => (added.has(id) ? [] : [[token, id]])));
  const merges = (model.merges ?? []).map((merge): readonly [string, string] => {
    if (typeof merge !== "string") return merge;
    const space = merge.indexOf(" ");
    return [merge.slice(0, space), merge.slice(space + 1)];
  });
  try {
    return bpeEncoder({
      ids,
      merges,
      splitWords: wordSplitter(rule.pattern),
      ignoresMerges: model.ignore_merges ?? false,
    });
  } catch {
    return undefined; // Bytes are missing from it: the library knows how to do without.
  }
}

function agrees(encode: TokenEncoder["encode"], json: TokenizerJson, path: string): boolean {
  const expected = libraryEncoder(json, path)(SAMPLE);
  const actual = encode(SAMPLE);
  return actual.length === expected.length && actual.every((id, i) => id === expected[i]);
}

/** The library's encoder, without the tokens that it would look for in the text. */
function libraryEncoder(json: TokenizerJson, path: string): TokenEncoder["encode"] {
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(
      { ...json, added_tokens: [], post_processor: null },
      { clean_up_tokenization_spaces: false },
    );
  } catch (cause) {
    throw new StageError("E_UNSUPPORTED", `${path} cannot be used: ${messageOf(cause)}`, { cause });
  }
  return (text) => (text === "" ? [] : tokenizer.encode(text, { add_special_tokens: false }).ids);
}

function alphabetOf({ model, decoder, pre_tokenizer }: TokenizerJson): TokenAlphabet {
  if (model.type !== "BPE" && model.type !== "Unigram") {
    throw new StageError("E_UNSUPPORTED", `A ${model.type} vocabulary cannot be used.`, {
      hint: "Use a tokenizer.json with a BPE or Unigram model.",
    });
  }
  const isByteLevel = JSON.stringify([decoder, pre_tokenizer]).includes('"ByteLevel"');
  return isByteLevel ? "byte-level" : "sentencepiece";
}
