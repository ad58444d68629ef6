import type { CodeRow } from "./code-row.ts";
import { cutCosts, INSIDE_STATEMENT, INSIDE_TEXT } from "./cut-costs.ts";

/** How full parts are to be on average, as a share of the maximum: leaves a choice of cuts. */
const FILL = 0.85;

/** The least of an even share that a part is to hold. */
const LEAST_SHARE = 0.25;

/**
 * Divides rows into parts of which neither side is longer than `maxBytes`, unless a single line is.
 *
 * Divides in two near the middle, then each half, and so on: each time at the cheapest cut after
 * which both sides can do with their half of the parts, and of equal ones at that which gives the
 * most even halves. So the outermost statements are cut apart first.
 */
export function splitRows(rows: CodeRow[], maxBytes: number): CodeRow[][] {
  const sizes = new Sizes(rows);
  const costs = cutCosts(rows);
  const parts: CodeRow[][] = [];
  const open = [{ start: 0, end: rows.length }];
  for (let range = open.pop(); range; range = open.pop()) {
    const { start, end } = range;
    if (end - start < 2 || sizes.between(start, end) <= maxBytes) {
      if (end > start) parts.push(rows.slice(start, end));
      continue;
    }
    const cut = bestCut(sizes, costs, range, maxBytes);
    open.push({ start: cut, end }, { start, end: cut });
  }
  return parts;
}

/** Bytes of ranges of rows, line feeds included. */
class Sizes {
  readonly #old: Float64Array;
  readonly #new: Float64Array;

  constructor(rows: CodeRow[]) {
    this.#old = new Float64Array(rows.length + 1);
    this.#new = new Float64Array(rows.length + 1);
    for (const [at, row] of rows.entries()) {
      const bytes = Buffer.byteLength(row.text) + 1;
      this.#old[at + 1] = (this.#old[at] ?? 0) + (row.old > 0 ? bytes : 0);
      this.#new[at + 1] = (this.#new[at] ?? 0) + (row.new > 0 ? bytes : 0);
    }
  }

  /** The larger side of a range. */
  between(start: number, end: number): number {
    const of = (sums: Float64Array) => (sums[end] ?? 0) - (sums[start] ?? 0);
    return Math.max(of(this.#old), of(this.#new));
  }
}

/** Rows from `start` up to `end`. */
interface Range {
  start: number;
  end: number;
}

/** First row of the second half. */
function bestCut(sizes: Sizes, costs: Float64Array, range: Range, maxBytes: number): number {
  const { start, end } = range;
  const size = sizes.between(start, end);
  const count = Math.max(2, Math.ceil(size / (FILL * maxBytes)));
  const [few, many] = [Math.floor(count / 2), Math.ceil(count / 2)];
  const least = (LEAST_SHARE * size) / count;
  let best = { at: start + 1, isPossible: false, cost: 0, imbalance: Number.POSITIVE_INFINITY };
  for (let at = start + 1; at < end; at += 1) {
    const first = sizes.between(start, at);
    const second = sizes.between(at, end);
    const isPossible =
      Math.min(first, second) >= least && first <= few * maxBytes && second <= many * maxBytes;
    const cost = isPossible ? (costs[at] ?? 0) : 0;
    // Not the larger half: where a side lies in one half as a whole, that is the same for all cuts.
    const imbalance = Math.abs(first / few - second / many);
    const isBetter =
      isPossible !== best.isPossible
        ? isPossible
        : cost < best.cost || (cost === best.cost && imbalance < best.imbalance);
    if (isBetter) best = { at, isPossible, cost, imbalance };
  }
  return besideStatement(best.at, sizes, costs, range, maxBytes);
}

/** Moves a cut out of the statement, or else of the string, that it falls into, if that is a part. */
function besideStatement(
  cut: number,
  sizes: Sizes,
  costs: Float64Array,
  { start, end }: Range,
  maxBytes: number,
): number {
  for (const limit of [INSIDE_STATEMENT, INSIDE_TEXT]) {
    const isCut = (at: number) => at <= start || at >= end || (costs[at] ?? 0) < limit;
    let first = cut;
    let last = cut;
    while (!isCut(first)) first -= 1;
    while (!isCut(last)) last += 1;
    if (first === last || sizes.between(first, last) > maxBytes) continue;
    const isFirstMoreEven = sizes.between(first, end) <= sizes.between(start, last) || last >= end;
    return first > start && isFirstMoreEven ? first : last;
  }
  return cut;
}
