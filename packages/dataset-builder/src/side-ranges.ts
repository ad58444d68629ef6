import type { SplitSide, TemporalSplit } from "@repotune/schema";
import type { TokenStream } from "./input/token-stream.ts";

/** The commits and the documents of one side of the split; ends are exclusive. */
export interface SideRange {
  side: SplitSide;
  firstCommit: number;
  endCommit: number;
  firstDocument: number;
  endDocument: number;
}

/** Cuts a stream's documents where the split cuts their commits. */
export function sideRanges(
  { commits }: Pick<TokenStream, "commits">,
  { validationStart, testStart, total }: TemporalSplit,
): SideRange[] {
  const range = (side: SplitSide, firstCommit: number, endCommit: number): SideRange => ({
    side,
    firstCommit,
    endCommit,
    firstDocument: firstAtLeast(commits, firstCommit),
    endDocument: firstAtLeast(commits, endCommit),
  });
  return [
    range("train", 0, validationStart),
    range("validation", validationStart, testStart),
    range("test", testStart, total),
  ];
}

/** Position of the first of ascending `values` that is at least `bound`; their number if none is. */
function firstAtLeast(values: Float64Array, bound: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
