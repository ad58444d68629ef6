import type { StageSummary } from "@repotune/schema";
import type { Rehearsal } from "../rehearse.ts";

/** What a dry run tells a program or a person, besides the table of its plan. */
export function rehearsalSummary(rehearsal: Rehearsal): StageSummary {
  const { plan, probeSteps, stepSeconds, tokensPerSecond, plannedSteps, totalSeconds } = rehearsal;
  const { parts, ...rest } = plan;
  return {
    planned_steps: plannedSteps,
    estimated_minutes: Number((totalSeconds / 60).toFixed(1)),
    step_seconds: Number(stepSeconds.toFixed(4)),
    tokens_per_second: Math.round(tokensPerSecond),
    probe_steps: probeSteps,
    ...rest,
    ...Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [`${name}_bytes`, bytes])),
  };
}
