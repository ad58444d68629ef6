import type { TokenDataset } from "../data/token-dataset.ts";
import type { Engine } from "../engine/engine.ts";
import type { Settings } from "../settings.ts";

/** What is about to happen, in one line, before it takes its time. */
export function announcement(
  plannedSteps: number,
  settings: Settings,
  engine: Engine,
  dataset: TokenDataset,
): string {
  const { info, threads } = engine.model.device;
  const { maxSeconds, batchSize, sequenceLength } = settings;
  const isTimed = Number.isFinite(maxSeconds);
  const time = isTimed ? `${count(Number((maxSeconds / 60).toFixed(2)), "minute")} on ` : "On ";
  const cores = info.kind === "cpu" ? ` (${count(threads, "thread")})` : "";
  const epochs = (plannedSteps * batchSize) / dataset.train.length;
  return `${time}${info.name}${cores}: ${isTimed ? "about " : ""}${count(plannedSteps, "step")} of ${count(batchSize * sequenceLength, "token")}, ${count(Number(epochs.toFixed(2)), "epoch")}; ${count(engine.model.parameters.count, "trained weight")}.`;
}

const count = (amount: number, unit: string) =>
  `${amount.toLocaleString("en-US")} ${unit}${amount === 1 ? "" : "s"}`;
