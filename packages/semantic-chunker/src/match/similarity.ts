/** Pairs of adjacent tokens with how often each occurs. */
export interface TokenBag {
  counts: Map<string, number>;
  /** Sum of the counts. */
  size: number;
}

/**
 * Counts pairs of adjacent tokens: single tokens would make any two functions look alike.
 *
 * @param tokens at least one gives a bag that is not empty.
 */
export function bagOf(tokens: readonly string[]): TokenBag {
  const counts = new Map<string, number>();
  let previous = "";
  for (const token of tokens) {
    const pair = `${previous}\0${token}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
    previous = token;
  }
  return { counts, size: tokens.length };
}

/** The Sørensen–Dice coefficient of two bags, 0 to 1. */
export function dice(a: TokenBag, b: TokenBag): number {
  if (a.size + b.size === 0) return 0;
  const [small, large] = a.counts.size < b.counts.size ? [a, b] : [b, a];
  let common = 0;
  for (const [pair, count] of small.counts) common += Math.min(count, large.counts.get(pair) ?? 0);
  return (2 * common) / (a.size + b.size);
}

/** The largest value that {@link dice} can have for bags of these sizes. */
export const diceBound = (a: TokenBag, b: TokenBag): number =>
  (2 * Math.min(a.size, b.size)) / Math.max(1, a.size + b.size);

/** Number of hash functions: two texts with Dice 0.9 agree in one of 6 in 99.996 % of cases. */
const SKETCH_SIZE = 6;

/**
 * Minima of hashes over a bag's pairs. Texts that are nearly equal have some of them in common, so
 * they can be found without comparing all with all (A. Broder, "On the resemblance and containment
 * of documents", 1997).
 */
export function sketchOf(bag: TokenBag): number[] {
  const minima = new Array<number>(SKETCH_SIZE).fill(0xffffffff);
  for (const pair of bag.counts.keys()) {
    let hash = 0x811c9dc5; // FNV-1a
    for (let at = 0; at < pair.length; at += 1) {
      hash = Math.imul(hash ^ pair.charCodeAt(at), 0x01000193);
    }
    for (let index = 0; index < SKETCH_SIZE; index += 1) {
      const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d + 0x9e3779b2 * index) >>> 0;
      const value = (mixed ^ (mixed >>> 13)) >>> 0;
      if (value < (minima[index] ?? 0)) minima[index] = value;
    }
  }
  return minima;
}
