/** Deterministic bytes of any value, line feeds and NUL included. */
export const bytes = (length: number, seed: number) =>
  Buffer.from(Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 8)) & 255));
