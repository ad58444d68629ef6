import { bpeEncoder } from "../bpe/encoder.ts";
import { wordSplitter } from "../bpe/words.ts";
import { sentencePieceEncoder } from "../sentencepiece/encoder.ts";
import type { GgufVocabularyHeader } from "./gguf-header.ts";
import { withLiteralTokens } from "./literal-tokens.ts";
import { llamaPreTokenizer } from "./llama-pre-tokenizers.ts";
import { isReserved, TOKEN_TYPE } from "./reserved-tokens.ts";
import type { TokenEncoder } from "./token-encoder.ts";

type Encode = TokenEncoder["encode"];

/**
 * Whether no text may become a token of a GGUF's vocabulary: what {@link isReserved} says, for a token
 * that the file names for a purpose as for one that was added.
 */
export function isReservedId(
  { tokens, tokenTypes, namedIds }: GgufVocabularyHeader,
  id: number,
): boolean {
  const type = tokenTypes[id] ?? TOKEN_TYPE.normal;
  const isNamed = namedIds.has(id) && type === TOKEN_TYPE.normal;
  return isReserved(tokens[id] ?? "", isNamed ? TOKEN_TYPE.userDefined : type);
}

/**
 * This package's own encoder for a GGUF's vocabulary, if it has the rules for it.
 *
 * Text becomes no token that is {@link isReservedId}.
 */
export function ggufEncoder(header: GgufVocabularyHeader): Encode | undefined {
  const { tokens, tokenTypes } = header;
  const normal = new Map<string, number>();
  const literals = new Map<string, number>();
  for (const [id, token] of tokens.entries()) {
    const type = tokenTypes[id] ?? TOKEN_TYPE.normal;
    if (token === "" || type === TOKEN_TYPE.byte || isReservedId(header, id)) continue;
    if (type === TOKEN_TYPE.userDefined) literals.set(token, id);
    else normal.set(token, id);
  }
  try {
    if (header.model === "gpt2") return bpe(header, normal, literals);
    if (header.model === "llama") return sentencePiece(header, normal, literals);
  } catch {
    // Bytes are missing from it: llama.cpp knows how to do without.
  }
  return undefined;
}

function bpe(
  { preTokenizer, merges }: GgufVocabularyHeader,
  ids: ReadonlyMap<string, number>,
  literals: ReadonlyMap<string, number>,
): Encode | undefined {
  const rule = llamaPreTokenizer(preTokenizer ?? "");
  if (!rule) return undefined;
  const encode = bpeEncoder({
    ids,
    merges: merges.map(splitMerge).filter(([left, right]) => ids.has(left + right)),
    splitWords: wordSplitter(rule.patterns),
    ignoresMerges: rule.ignoresMerges,
  });
  return withLiteralTokens(encode, literals);
}

/** Two token strings that are joined by a space, of which the first may be one itself. */
export function splitMerge(merge: string): readonly [left: string, right: string] {
  const space = merge.indexOf(" ", 1);
  return [merge.slice(0, space), merge.slice(space + 1)];
}

function sentencePiece(
  { tokens, tokenTypes, scores }: GgufVocabularyHeader,
  pieces: ReadonlyMap<string, number>,
  literals: ReadonlyMap<string, number>,
): Encode {
  const byteIds: number[] = [];
  for (const [id, token] of tokens.entries()) {
    const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1];
    if (byte !== undefined && tokenTypes[id] === TOKEN_TYPE.byte) {
      byteIds[Number.parseInt(byte, 16)] = id;
    }
  }
  const unknown = tokenTypes.indexOf(TOKEN_TYPE.unknown);
  const encode = sentencePieceEncoder({
    pieces: withSpaces([...pieces, ...literals]),
    scores,
    byteIds: Object.keys(byteIds).length === 256 ? byteIds : [],
    unknownId: unknown < 0 ? undefined : unknown,
  });
  // llama.cpp looks for them in the text before it writes U+2581 for its spaces.
  const found = [...literals].filter(([token]) => !token.includes("\u2581"));
  return withLiteralTokens(encode, new Map(found));
}

/**
 * Pieces with a space for U+2581, which in a text is itself, and spelled in bytes. A piece that has a
 * space already is one that merging never gives.
 */
const withSpaces = (ids: readonly (readonly [string, number])[]): Map<string, number> =>
  new Map(
    ids
      .filter(([token]) => !token.includes(" "))
      .map(([token, id]) => [token.replaceAll("\u2581", " "), id]),
  );
