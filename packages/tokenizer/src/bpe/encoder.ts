import { BYTE_CHARACTERS } from "@repotune/schema";
import { mergeWord, pairKey } from "./merge-word.ts";
import { wordCachedEncoder } from "./word-cache.ts";

/** What an encoder needs to know of a byte-level BPE vocabulary. */
export interface BpeModel {
  /** Ids by token string, spelled in the byte alphabet. */
  ids: ReadonlyMap<string, number>;
  /** In order of their rank. */
  merges: readonly (readonly [left: string, right: string])[];
  /** Cuts a text into words; see `wordSplitter`. */
  splitWords: (text: string) => string[];
  /**
   * Whether a word that is a token is that token, whatever its merges.
   *
   * @default false
   */
  ignoresMerges?: boolean;
}

/**
 * Byte-level BPE that remembers the ids of the words it has met.
 *
 * Knows no special tokens: whatever a text holds is encoded as text.
 *
 * @returns a function from a text to its ids.
 * @throws {Error} if a byte or a part of a merge is not in the vocabulary.
 */
export function bpeEncoder({
  ids,
  merges,
  splitWords,
  ignoresMerges = false,
}: BpeModel): (text: string) => number[] {
  const idOf = (token: string): number => {
    const id = ids.get(token);
    if (id === undefined) throw new Error(`"${token}" is not in the vocabulary.`);
    return id;
  };
  const byteIds = BYTE_CHARACTERS.map(idOf);
  const ranks = new Map<number, number>();
  const results: number[] = [];
  for (const [left, right] of merges) {
    const key = pairKey(idOf(left), idOf(right));
    if (!ranks.has(key)) ranks.set(key, results.length);
    results.push(idOf(left + right));
  }
  return wordCachedEncoder(splitWords, (word) => {
    const bytes = Buffer.from(word);
    if (ignoresMerges) {
      const whole = ids.get(Array.from(bytes, (byte) => BYTE_CHARACTERS[byte]).join(""));
      if (whole !== undefined) return [whole];
    }
    const symbols = Array.from(bytes, (byte) => byteIds[byte] ?? 0);
    return mergeWord(symbols, { ranks, results });
  });
}
