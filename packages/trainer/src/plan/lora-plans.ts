import type { DeviceInfo } from "@repotune/ggml";
import { isStageError, type MemoryPlan } from "@repotune/schema";
import type { BaseModelFile } from "../model/base.ts";
import type { LoraOptions } from "../model/lora.ts";
import { BATCH_TOKENS } from "../settings.ts";
import { leanestPlan, type MemoryRequest } from "./dry-plan.ts";
import { planMemory } from "./memory-plan.ts";

/** Where a base is to be fine-tuned, and how. */
export interface LoraPlanOptions {
  /** As of {@link MemoryRequest}. */
  device: string;
  threads: number;
  as?: Partial<DeviceInfo> | undefined;
  sequenceLength: number;
  /** @default 16 */
  rank?: number;
}

/** A plan, or the nearest one if nothing fits. */
export interface LoraPlan {
  plan: MemoryPlan;
  fits: boolean;
}

/**
 * Plans the memory of fine-tuning a base with LoRA on all of its linear layers, with nothing but the
 * file's header and the device.
 */
export async function planLora(base: BaseModelFile, options: LoraPlanOptions): Promise<LoraPlan> {
  const { device, threads, as, sequenceLength, rank = 16 } = options;
  const lora: LoraOptions = { rank, alpha: 2 * rank, targets: undefined, seed: 1 };
  const request: MemoryRequest = {
    device,
    threads,
    as,
    sequenceLength,
    batchSize: Math.max(1, Math.round(BATCH_TOKENS.lora / sequenceLength)),
    load: (dry, layout) => base.load(dry, lora, layout),
    layouts: ["fast", "compact"],
  };
  try {
    return { plan: await planMemory(request), fits: true };
  } catch (error) {
    if (!isStageError(error) || error.code !== "E_MEMORY") throw error;
    return { plan: await leanestPlan(request), fits: false };
  }
}
