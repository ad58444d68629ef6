import type { Piece, TextPiece } from "../render/piece.ts";
import { fenceFor, folded } from "../render/plain-spelling.ts";
import type { TokenEncoder } from "../vocabulary/token-encoder.ts";
import type { RenderedDocument } from "./render-history.ts";

/** A piece of a document as ids. */
export interface EncodedPiece {
  ids: readonly number[];
  /** Weight of the loss on each id, in percent. */
  weights: readonly number[];
  piece: Piece;
}

/** A document as ids. */
export interface EncodedDocument {
  ids: number[];
  /** Weight of the loss on each id, in percent. */
  weights: number[];
  /** The ids of its code, apart from what surrounds it. */
  codeIds: number[];
  /** Tokens of the text in it, structure aside. */
  textTokens: number;
  /** Those that stand for no text: characters that the vocabulary lacks. */
  unknownTokens: number;
  /** Whether something other than the code before a change was cut. */
  isTruncated: boolean;
}

/** A document as ids, piece by piece. */
export interface EncodedPieces {
  encoded: EncodedPiece[];
  /** Whether something other than the code before a change was cut. */
  isTruncated: boolean;
}

/** {@link encodePieces}, put together. */
export const encodeDocument = (
  pieces: readonly Piece[],
  encoder: TokenEncoder,
  maxTokens: number,
): EncodedDocument => joinPieces(encodePieces(pieces, encoder, maxTokens), encoder);

/**
 * Encodes a document with its holes where there is room for them: to be shown half a middle would
 * teach a model to leave it half filled.
 */
export function encodeRendered(
  { pieces, withHoles }: Pick<RenderedDocument, "pieces" | "withHoles">,
  encoder: TokenEncoder,
  maxTokens: number,
): EncodedPieces & { hasHole: boolean } {
  const holed = withHoles && encodePieces(withHoles, encoder, maxTokens);
  if (holed && !holed.isTruncated) return { ...holed, hasHole: true };
  return { ...encodePieces(pieces, encoder, maxTokens), hasHole: false };
}

/** Puts a document's pieces together. */
export function joinPieces(
  { encoded, isTruncated }: EncodedPieces,
  encoder: TokenEncoder,
): EncodedDocument {
  const ids = encoded.flatMap((part) => part.ids);
  const weights = encoded.flatMap((part) => part.weights);
  return { ids, weights, isTruncated, ...countText(encoded, encoder) };
}

/**
 * Encodes a document's pieces, and cuts what exceeds `maxTokens`: the code before a change first,
 * then the end of the code after it; the marks around them stay. Of a document that is still too
 * long (a long header, list of files or diff) the end is cut, but for the mark that closes it.
 */
function encodePieces(
  pieces: readonly Piece[],
  encoder: TokenEncoder,
  maxTokens: number,
): EncodedPieces {
  let isTruncated = false;
  const isPlain = encoder.spelling === "plain";
  const fence = isPlain ? fenceFor(codeIn(pieces)) : undefined;
  let encoded = pieces.map((piece): EncodedPiece => {
    if (piece.kind === "text") return encodeText(piece, encoder, isPlain);
    const ids = encoder.structure(piece.token, fence);
    return { piece, ids, weights: ids.map(() => piece.weight) };
  });
  let excess = encoded.reduce((sum, { ids }) => sum + ids.length, 0) - maxTokens;
  /** The part without its end, as far as that is too much. */
  const shortened = (part: EncodedPiece): EncodedPiece => {
    const kept = Math.max(0, part.ids.length - excess);
    excess -= part.ids.length - kept;
    return { ...part, ids: part.ids.slice(0, kept), weights: part.weights.slice(0, kept) };
  };
  for (const cut of [2, 1]) {
    if (excess <= 0) break;
    isTruncated ||= cut === 1;
    encoded = encoded.map((part) =>
      part.piece.kind === "text" && part.piece.cut === cut && excess > 0 ? shortened(part) : part,
    );
  }
  isTruncated ||= excess > 0;
  for (let at = encoded.length - 2; at >= 0 && excess > 0; at--) {
    encoded[at] = shortened(encoded[at] as EncodedPiece);
  }
  return { encoded, isTruncated };
}

function* codeIn(pieces: readonly Piece[]): Generator<string> {
  for (const piece of pieces) {
    if (piece.kind === "text" && !piece.isField) for (const { text } of piece.parts) yield text;
  }
}

function countText(encoded: readonly EncodedPiece[], { tokenBytes }: TokenEncoder) {
  const codeIds: number[] = [];
  let textTokens = 0;
  let unknownTokens = 0;
  for (const { piece, ids } of encoded) {
    if (piece.kind === "structure") continue;
    textTokens += ids.length;
    if (!piece.isField) for (const id of ids) codeIds.push(id);
    for (const id of ids) if (tokenBytes[id]?.length === 0) unknownTokens += 1;
  }
  return { codeIds, textTokens, unknownTokens };
}

function encodeText(piece: TextPiece, encoder: TokenEncoder, isPlain: boolean): EncodedPiece {
  const parts =
    isPlain && piece.isField
      ? piece.parts.map(({ text, weight }) => ({ text: folded(text), weight }))
      : piece.parts;
  const all = encoder.encode(parts.map(({ text }) => text).join(""));
  const ids = piece.maxTokens === undefined ? all : all.slice(0, piece.maxTokens);
  const [first, ...rest] = parts;
  if (rest.length === 0) return { piece, ids, weights: ids.map(() => first?.weight ?? 0) };

  // A token weighs what the part weighs in which it begins.
  const ends: number[] = [];
  let end = 0;
  for (const { text } of parts) {
    end += Buffer.byteLength(text);
    ends.push(end);
  }
  let part = 0;
  let at = 0;
  const weights = ids.map((id) => {
    while (part + 1 < ends.length && at >= (ends[part] ?? 0)) part++;
    at += encoder.tokenBytes[id]?.length ?? 0;
    return parts[part]?.weight ?? 0;
  });
  return { piece, ids, weights };
}
