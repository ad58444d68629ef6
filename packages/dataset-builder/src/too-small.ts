import { type SplitSide, StageError } from "@repotune/schema";
import type { CommitFacts } from "./input/history.ts";
import type { BuildOptions } from "./options.ts";
import type { SidePlan } from "./plan-side.ts";

/**
 * Why there is nothing to learn from, or to measure on, on a side of the split.
 *
 * @param commits of the side, in the order of time.
 * @param tokens on the side, after dropping documents.
 */
export function tooSmall(
  side: SplitSide,
  commits: readonly CommitFacts[],
  { documents, leftOut }: SidePlan,
  tokens: number,
  options: BuildOptions,
): StageError {
  const { length } = commits;
  const first = commits[0]?.hash;
  const which = length === 1 ? `commit ${first}` : `commits ${first} to ${commits.at(-1)?.hash}`;
  const start = `The ${side} side of the split ${options.split} (${which})`;
  const otherwise = "another --split, or a repository with more history";
  if (documents === 0 && Object.keys(leftOut).length === 0) {
    return new StageError("E_TOO_SMALL", `${start} is empty: no file changes there.`, {
      hint: `Use ${otherwise}.`,
    });
  }
  if (tokens === 0) {
    return new StageError("E_TOO_SMALL", `${start} only repeats what stands before it.`, {
      hint: `Use --keep-duplicates, ${otherwise}.`,
    });
  }
  return new StageError(
    "E_TOO_SMALL",
    `${start} has ${tokens} tokens, too few for a target of ${options.targetLength}.`,
    { hint: `Use --objective causal, a smaller --target-length, ${otherwise}.` },
  );
}
