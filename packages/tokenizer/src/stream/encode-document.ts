import type { Piece, TextPiece } from "../render/piece.ts";
import type { TokenEncoder } from "../vocabulary/token-encoder.ts";

/** A document as ids. */
export interface EncodedDocument {
  ids: number[];
  /** Weight of the loss on each id, in percent. */
  weights: number[];
  /** Tokens of the text in it, structure aside. */
  textTokens: number;
  /** Those that stand for no text: characters that the vocabulary lacks. */
  unknownTokens: number;
  /** Whether something other than the code before a change was cut. */
  isTruncated: boolean;
}

interface EncodedPiece {
  ids: readonly number[];
  weights: readonly number[];
  piece: Piece;
}

/**
 * Encodes a document's pieces, and cuts what exceeds `maxTokens`: the code before a change first,
 * then the end of the code after it; the marks around them stay.
 */
export function encodeDocument(
  pieces: readonly Piece[],
  encoder: TokenEncoder,
  maxTokens: number,
): EncodedDocument {
  let isTruncated = false;
  let encoded = pieces.map((piece): EncodedPiece => {
    if (piece.kind === "structure") {
      const ids = encoder.structure(piece.token);
      return { piece, ids, weights: ids.map(() => piece.weight) };
    }
    return encodeText(piece, encoder);
  });

  let excess = encoded.reduce((sum, { ids }) => sum + ids.length, 0) - maxTokens;
  for (const cut of [2, 1]) {
    if (excess <= 0) break;
    encoded = encoded.map((part) => {
      if (part.piece.kind !== "text" || part.piece.cut !== cut || excess <= 0) return part;
      const kept = Math.max(0, part.ids.length - excess);
      excess -= part.ids.length - kept;
      if (cut === 1) isTruncated = true;
      return { ...part, ids: part.ids.slice(0, kept), weights: part.weights.slice(0, kept) };
    });
  }
  const ids = encoded.flatMap((part) => part.ids);
  const weights = encoded.flatMap((part) => part.weights);
  if (excess > 0) {
    // A long header, or a long list of files: what is left of it, and the mark that closes it.
    const end = encoded.at(-1)?.ids.length ?? 0;
    ids.splice(maxTokens - end, ids.length - maxTokens);
    weights.splice(maxTokens - end, weights.length - maxTokens);
    isTruncated = true;
  }
  return { ids, weights, isTruncated, ...countText(encoded, encoder) };
}

function countText(encoded: readonly EncodedPiece[], { tokenBytes }: TokenEncoder) {
  let textTokens = 0;
  let unknownTokens = 0;
  for (const { piece, ids } of encoded) {
    if (piece.kind === "structure") continue;
    textTokens += ids.length;
    for (const id of ids) if (tokenBytes[id]?.length === 0) unknownTokens += 1;
  }
  return { textTokens, unknownTokens };
}

function encodeText(piece: TextPiece, encoder: TokenEncoder): EncodedPiece {
  const all = encoder.encode(piece.parts.map(({ text }) => text).join(""));
  const ids = piece.maxTokens === undefined ? all : all.slice(0, piece.maxTokens);
  const [first, ...rest] = piece.parts;
  if (rest.length === 0) return { piece, ids, weights: ids.map(() => first?.weight ?? 0) };

  // A token weighs what the part weighs in which it begins.
  const ends: number[] = [];
  let end = 0;
  for (const { text } of piece.parts) {
    end += Buffer.byteLength(text);
    ends.push(end);
  }
  let part = 0;
  let at = 0;
  const weights = ids.map((id) => {
    while (part + 1 < ends.length && at >= (ends[part] ?? 0)) part++;
    at += encoder.tokenBytes[id]?.length ?? 0;
    return piece.parts[part]?.weight ?? 0;
  });
  return { piece, ids, weights };
}
