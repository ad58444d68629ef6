import { popNumber, pushNumber } from "../bpe/number-heap.ts";
import { wordCachedEncoder } from "../bpe/word-cache.ts";
import { pieceSplitter } from "./piece-boundaries.ts";

/** What an encoder needs to know of a SentencePiece vocabulary that merges by score. */
export interface SentencePieceModel {
  /** Ids of the pieces that text may become, spelled as the text is: with a space for U+2581. */
  pieces: ReadonlyMap<string, number>;
  /** Score of each id; the pair whose piece has the highest is merged first. */
  scores: ArrayLike<number>;
  /** Ids that stand for single bytes, for characters that are no pieces; empty if there are none. */
  byteIds: readonly number[];
  /** Stands for a character that is no piece, where there are no bytes. */
  unknownId: number | undefined;
}

/** A place of a queue of pairs: the number of the pair's score, then where the pair begins. */
const POSITIONS = 2 ** 32;

/**
 * SentencePiece's BPE: begins with characters, and of all neighbours merges those whose piece has the
 * highest score, the leftmost first. What is no piece in the end is spelled in bytes.
 *
 * Follows `llm_tokenizer_spm` of llama.cpp (src/llama-vocab.cpp), which follows SentencePiece's
 * `bpe_model.cc`. Puts no space before the text, and knows only the pieces it is given, so that a
 * text can become no other token. Takes time n log n.
 *
 * @returns a function from a text to its ids.
 * @throws {Error} if there are neither bytes nor a token for what is unknown.
 */
export function sentencePieceEncoder({
  pieces,
  scores,
  byteIds,
  unknownId,
}: SentencePieceModel): (text: string) => number[] {
  const hasBytes = byteIds.length === 256;
  if (!hasBytes && unknownId === undefined) {
    throw new Error("It has neither tokens for bytes nor one for what is unknown.");
  }
  const scoreOf = (id: number): number => scores[id] ?? 0;
  const byScore = [...new Set(Array.from(pieces.values(), scoreOf))].sort((a, b) => b - a);
  const numberOfScore = new Map(byScore.map((score, number) => [score, number]));
  let longest = 0;
  for (const piece of pieces.keys()) longest = Math.max(longest, piece.length);

  const encodeCharacter = (character: string): number[] => {
    if (!hasBytes) return [unknownId ?? 0];
    return Array.from(Buffer.from(character), (byte) => byteIds[byte] ?? 0);
  };

  const encodePart = (part: string): number[] => {
    const whole = pieces.get(part);
    if (whole !== undefined && isCharacter(part)) return [whole];
    // Symbols are stretches of the part; `ends` and `starts` link each to the next and the previous.
    const ends = new Int32Array(part.length);
    const starts = new Int32Array(part.length + 1);
    const queue: number[] = [];
    const consider = (at: number): void => {
      const key = keyAt(at);
      if (key !== undefined) pushNumber(queue, key);
    };
    const keyAt = (at: number): number | undefined => {
      const middle = ends[at] ?? 0;
      if (middle === 0 || middle === part.length) return undefined;
      const end = ends[middle] ?? 0;
      if (end - at > longest) return undefined;
      const id = pieces.get(part.slice(at, end));
      return id === undefined ? undefined : (numberOfScore.get(scoreOf(id)) ?? 0) * POSITIONS + at;
    };

    for (let at = 0; at < part.length; ) {
      const end = at + ((part.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
      ends[at] = end;
      starts[end] = at;
      at = end;
    }
    for (let at = 0; at < part.length; at = ends[at] ?? part.length) consider(at);
    for (let key = popNumber(queue); key !== undefined; key = popNumber(queue)) {
      const at = key % POSITIONS;
      if (keyAt(at) !== key) continue; // A neighbour was merged since.
      const middle = ends[at] ?? 0;
      const end = ends[middle] ?? 0;
      ends[at] = end;
      ends[middle] = 0;
      starts[end] = at;
      consider(at);
      if (at > 0) consider(starts[at] ?? 0);
    }

    const ids: number[] = [];
    for (let at = 0; at < part.length; ) {
      const end = ends[at] ?? part.length;
      const symbol = part.slice(at, end);
      const id = pieces.get(symbol);
      if (id !== undefined) ids.push(id);
      else for (const byteId of encodeCharacter(symbol)) ids.push(byteId);
      at = end;
    }
    return ids;
  };
  return wordCachedEncoder(pieceSplitter(pieces.keys()), encodePart);
}

/** Whether a text is one character. */
const isCharacter = (text: string): boolean =>
  text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);
