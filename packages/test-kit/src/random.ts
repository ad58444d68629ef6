/** Seeded random numbers, the same on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform: () => number;
  /** A whole number from 0 to `limit` - 1. */
  below: (limit: number) => number;
  /** Standard normal. */
  normal: () => number;
}

/** A mulberry32 generator (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    uniform,
    below: (limit) => Math.floor(uniform() * limit),
    // Box–Muller; 1 - uniform() is never 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  };
}
