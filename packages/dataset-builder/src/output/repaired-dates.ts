import type { Dataset, HistoryGraph, HistorySplit } from "@repotune/schema";
import { Findings } from "../audit/findings.ts";

type Repaired = NonNullable<Dataset["repaired_dates"]>;

/** Which commit dates the split did not believe, and what it used instead. */
export function describeRepairs(
  { hashes }: HistoryGraph,
  { repaired, dates }: HistorySplit,
): Repaired {
  const findings = new Findings<Repaired["examples"][number]>();
  const byFault: Record<string, number> = {};
  for (const { commit, fault, stated } of repaired) {
    byFault[fault] = (byFault[fault] ?? 0) + 1;
    findings.add({
      commit: hashes[commit] ?? "",
      fault,
      stated_unix: stated,
      used_unix: dates[commit] ?? 0,
    });
  }
  return { ...findings.result, by_fault: byFault };
}
