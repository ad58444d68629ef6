import { type HistorySplit, type LeakAudit, SPLIT_SIDES } from "@repotune/schema";
import type { History } from "../input/history.ts";
import type { CopiedCommit } from "../near-duplicates/copied-commits.ts";
import { describeCopy } from "./audit-dataset.ts";
import { Findings, refsOf } from "./findings.ts";

type KeptOut = LeakAudit["kept_out"];

/** The leaks that the history would have had, and that the split kept out, by name. */
export function describeKeptOut(
  history: History,
  split: HistorySplit,
  copies: readonly CopiedCommit[],
  windowsAcrossCuts: number,
): KeptOut {
  const { graph } = history;
  const named = (commit: number) => ({
    commit: graph.hashes[commit] ?? "",
    refs: refsOf(graph, commit),
  });
  const future = new Findings<KeptOut["future_commits"]["examples"][number]>();
  for (const commit of split.leftOut) future.add(named(commit));
  const mergedLater = new Findings<KeptOut["merged_later"]["examples"][number]>();
  const cutDate = split.dates[split.validationStart] as number;
  for (const side of SPLIT_SIDES) {
    if (side === "train") continue;
    for (const commit of split.sides[side]) {
      if (split.landing[commit] !== commit && (split.dates[commit] as number) < cutDate) {
        mergedLater.add(named(commit));
      }
    }
  }
  const copied = new Findings<KeptOut["copied_commits"]["examples"][number]>();
  for (const copy of copies) {
    if (copy.side !== copy.ofSide) copied.add(describeCopy(copy, history));
  }
  return {
    future_commits: future.result,
    merged_later: mergedLater.result,
    copied_commits: copied.result,
    windows_across_cuts: windowsAcrossCuts,
  };
}
