import { SPLIT_SIDES, type SplitSide } from "@repotune/schema";
import { mix } from "../input/commit-lines.ts";
import type { TokenDocument } from "../input/token-stream.ts";
import { NearDuplicateIndex } from "./near-duplicate-index.ts";
import { sketchOf } from "./sketch.ts";

/** Tokens in a row that are compared as one. */
const SHINGLE = 3;
/** Documents with fewer new shingles are alike by chance. */
const MIN_SHINGLES = 12;
/** From this loss weight on, a token is new text: an added line, a changed path. */
const NEW_TEXT_PERCENT = 50;

/**
 * Finds documents whose new text nearly repeats that of an earlier one.
 *
 * What a change leaves as it was does not count: a function that is changed twice gives two documents
 * that have most of its lines in common, and each has something to teach.
 */
export class NearDocuments {
  readonly #index: NearDuplicateIndex;

  /** @param scratch path of a file to work with, which {@link NearDocuments.close} removes. */
  constructor(scratch: string, expected: number) {
    this.#index = new NearDuplicateIndex(scratch, expected);
  }

  /** The side of the earlier document that this one nearly repeats; remembers it if there is none. */
  sideOfEarlier(document: TokenDocument, side: SplitSide): SplitSide | undefined {
    const shingles = shinglesOf(document);
    if (shingles.length < MIN_SHINGLES) return undefined;
    const sketch = sketchOf(shingles);
    if (sketch.size < MIN_SHINGLES) return undefined;
    const near = this.#index.findOrAdd(sketch, SPLIT_SIDES.indexOf(side));
    return near && SPLIT_SIDES[near.item];
  }

  close(): void {
    this.#index.close();
  }
}

/** A hash of every {@link SHINGLE} tokens of new text in a row. */
function shinglesOf({ ids, lossWeights }: TokenDocument): Uint32Array {
  const shingles = new Uint32Array(ids.length);
  let count = 0;
  let run = 0;
  for (let i = 0; i < ids.length; i++) {
    run = (lossWeights[i] as number) >= NEW_TEXT_PERCENT ? run + 1 : 0;
    if (run < SHINGLE) continue;
    let hash = 0;
    for (let j = i - SHINGLE + 1; j <= i; j++) hash = mix(hash ^ ((ids[j] as number) + 1));
    shingles[count++] = hash;
  }
  return shingles.subarray(0, count);
}
