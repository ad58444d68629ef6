import type { TokenDataset } from "../data/token-dataset.ts";
import { loadModel } from "../model/open-model.ts";
import { type TrainOptions, trainingKind } from "../options.ts";
import type { Settings } from "../settings.ts";
import type { Alternative, MemoryRequest } from "./dry-plan.ts";

/** What a smaller adapter may come down to. */
const SMALLEST_RANK = 4;

/** The memory that a training with `options` asks for. */
export function trainingRequest(
  options: TrainOptions,
  dataset: TokenDataset,
  { threads, batchSize, sequenceLength }: Settings,
): MemoryRequest {
  const loading =
    (changes: Partial<TrainOptions> = {}): MemoryRequest["load"] =>
    async (device, layout) =>
      (await loadModel({ ...options, ...changes }, dataset, device, layout)).model;
  const alternative = (change: string, changes: Partial<TrainOptions>): Alternative => {
    return { change, request: { load: loading(changes) } };
  };
  const isLora = trainingKind(options) === "lora";
  const isNewAdapter = isLora && options.adapter === "";
  const rank = Math.floor(options.rank / 2);
  return {
    device: options.device,
    threads,
    load: loading(),
    // Only frozen weights can lie in another way.
    layouts: isLora ? ["fast", "compact"] : ["compact"],
    sequenceLength,
    batchSize,
    alternatives: [
      ...(options.moments === "8bit" ? [] : [alternative("--moments 8bit", { moments: "8bit" })]),
      ...(isNewAdapter && rank >= SMALLEST_RANK ? [alternative(`--rank ${rank}`, { rank })] : []),
      ...(isNewAdapter && options.targets === "all"
        ? [alternative("--targets attn_q,attn_v", { targets: "attn_q,attn_v" })]
        : []),
    ],
  };
}
