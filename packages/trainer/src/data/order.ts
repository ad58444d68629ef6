import { mix } from "../random.ts";

/**
 * An order of all sequences of an epoch in which every beginning is spread evenly over the history,
 * so that training may stop anywhere: the van der Corput sequence with Owen's random scrambling
 * (https://doi.org/10.1007/978-1-4612-2552-2_19).
 *
 * @returns a permutation of `0 … length - 1` that depends on nothing but the arguments.
 */
export function epochOrder(length: number, seed: number, epoch: number): Uint32Array {
  const bits = Math.ceil(Math.log2(Math.max(2, length)));
  const key = mix(mix(seed >>> 0) ^ mix(epoch + 1));
  const order = new Uint32Array(length);
  let count = 0;
  for (let i = 0; i < 2 ** bits; i++) {
    let place = 0;
    for (let bit = 0; bit < bits; bit++) {
      // Which half of the range is next: alternating, but begun at random in each range.
      const prefix = place + 2 ** bit; // a 1 in front tells prefixes of different lengths apart
      const flip = mix(key ^ mix(prefix)) & 1;
      place = 2 * place + (((i >>> bit) & 1) ^ flip);
    }
    if (place < length) order[count++] = place;
  }
  return order;
}

/** `count` of `length` places, evenly spaced from a random start; all of them if they are few. */
export function evenlySpaced(length: number, count: number, seed: number): number[] {
  if (count >= length) return Array.from({ length }, (_, i) => i);
  const stride = length / count;
  const start = (mix(seed >>> 0) / 2 ** 32) * stride;
  return Array.from({ length: count }, (_, i) => Math.floor(start + i * stride));
}
