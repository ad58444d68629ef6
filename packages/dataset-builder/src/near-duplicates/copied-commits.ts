import { type HistorySplit, SPLIT_SIDES, type SplitSide } from "@repotune/schema";
import type { LineStore } from "../input/line-store.ts";
import { NearDuplicateIndex } from "./near-duplicate-index.ts";

/** Sets of fewer lines are alike by chance: only the patch as a whole tells copies there. */
const MIN_LINES = 4;

/** A commit that does what an earlier one did. */
export interface CopiedCommit {
  commit: number;
  side: SplitSide;
  /** The earlier commit. */
  of: number;
  ofSide: SplitSide;
  /** 1 for the same patch; else the similarity of the sets of changed lines. */
  similarity: number;
  by: "patch_id" | "lines";
}

/**
 * Finds commits that nearly repeat an earlier one, of any side: those with the same patch, and those
 * whose sets of added and removed lines are 0.9 alike. Cherry-picks, rebased branches, squashed merges
 * and reverted reverts are such copies.
 *
 * @param sides commits of each side, in the order of time.
 * @param scratch path of a file to work with; it is removed.
 */
export function findCopiedCommits(
  lines: LineStore,
  sides: HistorySplit["sides"],
  scratch: string,
): CopiedCommit[] {
  const total = SPLIT_SIDES.reduce((sum, side) => sum + sides[side].length, 0);
  const index = new NearDuplicateIndex(scratch, total);
  try {
    return [...copiesIn(lines, sides, index)];
  } finally {
    index.close();
  }
}

function* copiesIn(
  lines: LineStore,
  sides: HistorySplit["sides"],
  index: NearDuplicateIndex,
): Generator<CopiedCommit> {
  const byPatch = new Map<number, number>();
  const sideOf = new Map<number, SplitSide>();
  for (const side of SPLIT_SIDES) {
    for (const commit of sides[side]) {
      const patch = lines.patchId(commit);
      const same = patch === 0 ? undefined : byPatch.get(patch);
      if (same === undefined && patch !== 0) byPatch.set(patch, commit);
      const changed = lines.changed(commit);
      const near = changed.size < MIN_LINES ? undefined : index.findOrAdd(changed, commit);
      sideOf.set(commit, side);
      const copied = { commit, side };
      if (same !== undefined) {
        const ofSide = sideOf.get(same) as SplitSide;
        yield { ...copied, of: same, ofSide, similarity: 1, by: "patch_id" };
      } else if (near) {
        const { item: of, similarity } = near;
        yield { ...copied, of, ofSide: sideOf.get(of) as SplitSide, similarity, by: "lines" };
      }
    }
  }
}
