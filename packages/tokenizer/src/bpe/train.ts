import { BYTE_CHARACTERS, BYTES_IN_ID_ORDER, throwIfAborted } from "@repotune/schema";
import { PairQueue } from "./pair-queue.ts";
import { WordTable } from "./word-table.ts";

/** A vocabulary as byte-level BPE learns it. */
export interface TrainedBpe {
  /** Token strings in id order: the special tokens, the 256 bytes, one for each new merge. */
  tokens: string[];
  /** Pairs of token strings, in the order in which they are merged. */
  merges: [left: string, right: string][];
}

export interface TrainBpeOptions {
  /** Tokens at most, special tokens and the 256 bytes among them. */
  vocabSize: number;
  /** Strings that get the first ids and take no part in the merges. */
  specialTokens: readonly string[];
  /**
   * Pairs seen less often are not merged.
   *
   * @default 2
   */
  minFrequency?: number;
  signal?: AbortSignal | undefined;
  /** Called now and then with the number of tokens found so far. */
  onProgress?: ((tokens: number) => void) | undefined;
}

const PROGRESS_MERGES = 256;
/** Ids are below this, so that a pair of them is one exact number. */
const ID_LIMIT = 2 ** 21;

/** An adjacent pair of ids. */
interface Pair {
  left: number;
  right: number;
  /** Occurrences in all words. */
  count: number;
  /** Indices of the words it may occur in; a word may be listed twice, or no longer have it. */
  words: number[];
}

/**
 * Learns the merges of a byte-level BPE from the words of a text.
 *
 * Gives the merges that Hugging Face's trainer gives (`BpeTrainer` with the full byte alphabet,
 * https://github.com/huggingface/tokenizers/blob/main/tokenizers/src/models/bpe/trainer.rs): always
 * the most frequent pair next, and of equally frequent ones that with the smallest ids.
 *
 * Time grows with the number of distinct words, memory as well.
 *
 * @param wordCounts distinct words as the pre-tokenizer cuts them, and how often each occurs.
 * @throws {StageError} `E_INTERRUPTED`.
 */
export function trainBpe(
  wordCounts: ReadonlyMap<string, number>,
  { vocabSize, specialTokens, minFrequency = 2, signal, onProgress }: TrainBpeOptions,
): TrainedBpe {
  const tokens = [
    ...specialTokens,
    ...BYTES_IN_ID_ORDER.map((byte) => BYTE_CHARACTERS[byte] ?? ""),
  ];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const special = new Set(specialTokens);
  const merges: [string, string][] = [];

  const idOfByte = new Uint32Array(256);
  for (const [index, byte] of BYTES_IN_ID_ORDER.entries()) {
    idOfByte[byte] = specialTokens.length + index;
  }
  const words = new WordTable(wordCounts, idOfByte, vocabSize);

  const pairs = new Map<number, Pair>();
  const addTo = (left: number, right: number, change: number, word: number): Pair => {
    const key = left * ID_LIMIT + right;
    let pair = pairs.get(key);
    if (!pair) {
      pair = { left, right, count: 0, words: [] };
      pairs.set(key, pair);
    }
    pair.count += change;
    if (change > 0 && pair.words.at(-1) !== word) pair.words.push(word);
    return pair;
  };

  for (let index = 0; index < words.size; index++) {
    const word = words.idsOf(index);
    const count = words.countOf(index);
    for (let i = 0; i + 1 < word.length; i++) {
      addTo(word[i] ?? 0, word[i + 1] ?? 0, count, index);
    }
  }
  const queue = new PairQueue();
  for (const { left, right, count } of pairs.values()) queue.push({ left, right, count });

  while (tokens.length < vocabSize) {
    const top = queue.pop();
    if (!top) break;
    const key = top.left * ID_LIMIT + top.right;
    const pair = pairs.get(key);
    if (!pair) continue;
    if (pair.count !== top.count) {
      // Its count fell since it was queued, or rose and it was queued again.
      if (pair.count > 0 && pair.count < top.count) queue.push({ ...top, count: pair.count });
      continue;
    }
    if (pair.count < Math.max(1, minFrequency)) break;

    const left = tokens[top.left] ?? "";
    const right = tokens[top.right] ?? "";
    if (special.has(left + right)) {
      pairs.delete(key); // Text must never become a special token.
      continue;
    }
    let id = ids.get(left + right);
    if (id === undefined) {
      id = tokens.length;
      tokens.push(left + right);
      ids.set(left + right, id);
    }
    merges.push([left, right]);
    if (merges.length % PROGRESS_MERGES === 0) {
      throwIfAborted(signal);
      onProgress?.(tokens.length);
    }

    pairs.delete(key);
    const grown = new Set<Pair>();
    for (const index of pair.words) {
      const count = words.countOf(index);
      words.merge(index, top, id, (l, r, sign) => {
        const changed = addTo(l, r, sign * count, index);
        if (sign > 0) grown.add(changed);
      });
    }
    for (const { left, right, count } of grown) {
      if (count > 0) queue.push({ left, right, count });
    }
  }
  return { tokens, merges };
}
