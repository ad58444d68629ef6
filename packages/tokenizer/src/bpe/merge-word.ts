import { popNumber, pushNumber } from "./number-heap.ts";

/** Merges of a vocabulary, by the ids they join. */
export interface MergeTable {
  /** Rank of a merge by {@link pairKey}; the lowest is applied first. */
  ranks: ReadonlyMap<number, number>;
  /** Id that each merge gives, by rank. */
  results: readonly number[];
}

/** Up to here, searching the whole word for its next merge is quicker than keeping a queue. */
const SCANNED_SYMBOLS = 48;

/** One number for a pair of ids below 2^21. */
export const pairKey = (left: number, right: number): number => left * 2 ** 21 + right;

/**
 * Applies to a word's ids the merge of lowest rank, the leftmost first, until none is left.
 *
 * Takes time n log n in the length of the word: a minified file or an encoded image may be one word.
 */
export function mergeWord(symbols: number[], table: MergeTable): number[] {
  return symbols.length <= SCANNED_SYMBOLS ? scan(symbols, table) : mergeByQueue(symbols, table);
}

function scan(symbols: number[], { ranks, results }: MergeTable): number[] {
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    let bestAt = -1;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const rank = ranks.get(pairKey(symbols[i] ?? 0, symbols[i + 1] ?? 0));
      if (rank !== undefined && rank < best) {
        best = rank;
        bestAt = i;
      }
    }
    if (bestAt < 0) return symbols;
    symbols.splice(bestAt, 2, results[best] ?? 0);
  }
}

/** The same over a linked list, with candidate merges in a heap ordered by rank, then position. */
function mergeByQueue(symbols: number[], { ranks, results }: MergeTable): number[] {
  const size = symbols.length;
  const next = Int32Array.from(symbols, (_, i) => i + 1);
  const previous = Int32Array.from(symbols, (_, i) => i - 1);
  const isGone = new Uint8Array(size);
  const heap: number[] = [];

  const rankAt = (at: number): number | undefined => {
    const right = next[at] ?? size;
    return right < size ? ranks.get(pairKey(symbols[at] ?? 0, symbols[right] ?? 0)) : undefined;
  };
  const consider = (at: number) => {
    const rank = rankAt(at);
    if (rank !== undefined) pushNumber(heap, rank * 2 ** 32 + at);
  };
  for (let at = 0; at < size; at++) consider(at);

  for (let key = popNumber(heap); key !== undefined; key = popNumber(heap)) {
    const rank = Math.floor(key / 2 ** 32);
    const at = key - rank * 2 ** 32;
    if (isGone[at] || rankAt(at) !== rank) continue; // A neighbour was merged since.
    const right = next[at] ?? size;
    const after = next[right] ?? size;
    symbols[at] = results[rank] ?? 0;
    isGone[right] = 1;
    next[at] = after;
    if (after < size) previous[after] = at;
    consider(at);
    const before = previous[at] ?? -1;
    if (before >= 0) consider(before);
  }
  return symbols.filter((_, at) => !isGone[at]);
}
