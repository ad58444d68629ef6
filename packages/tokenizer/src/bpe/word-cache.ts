import { toUSVString } from "node:util";

/** Distinct words whose ids are kept: far more than a source tree's common words. */
const MAX_WORDS = 200_000;
/** Longer words are rare, and seldom met again. */
const MAX_WORD_LENGTH = 48;
/** Ids that are kept of words of several ids, in all: 16 MB. */
const MAX_IDS = 2_000_000;

/**
 * Encodes texts word by word, and remembers the ids of the words it has met: in source code nearly
 * every word was there before.
 *
 * What is remembered takes 60 MB at most, whatever the texts; when it is full, it begins anew. A lone
 * surrogate, which UTF-8 cannot spell, is read as U+FFFD.
 *
 * @param splitWords cuts a text into words that joined are the text.
 * @param encodeWord gives the ids of one word.
 */
export function wordCachedEncoder(
  splitWords: (text: string) => string[],
  encodeWord: (word: string) => number[],
): (text: string) => number[] {
  let cache = new Map<string, number | number[]>();
  let cachedIds = 0;
  const remember = (word: string, ids: number[]): void => {
    if (cache.size >= MAX_WORDS || cachedIds >= MAX_IDS) {
      cache = new Map();
      cachedIds = 0;
    }
    const [first] = ids;
    if (ids.length > 1) cachedIds += ids.length;
    cache.set(ownCopy(word), ids.length === 1 && first !== undefined ? first : ids);
  };
  return (text) => {
    const output: number[] = [];
    for (const word of splitWords(toUSVString(text))) {
      const known = cache.get(word);
      if (typeof known === "number") {
        output.push(known);
        continue;
      }
      const ids = known ?? encodeWord(word);
      for (const id of ids) output.push(id);
      if (known === undefined && word.length <= MAX_WORD_LENGTH) remember(word, ids);
    }
    return output;
  };
}

/**
 * The same string in memory of its own: V8 keeps a part of a longer string as a reference to the
 * whole, so that a word kept would keep the text it was found in.
 */
export const ownCopy = (word: string): string => Buffer.from(word).toString();
