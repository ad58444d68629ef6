import { Device, type DeviceInfo } from "@repotune/ggml";
import type { MemoryPlan } from "@repotune/schema";
import { type Kept, keptInputBytes } from "../engine/layer-states.ts";
import type { WeightLayout } from "../model/frozen-weights.ts";
import type { Model } from "../model/model.ts";
import { freeHostMemory } from "./host-memory.ts";
import { measureMemory, total } from "./measure-memory.ts";

/** Share of a host's free memory that a training may take: other programs need some, too. */
const HOST_SHARE = 0.9;

/** What a plan chooses; sums come out bitwise the same with the same choice only. */
export type Configuration = Pick<MemoryPlan, "micro_batch_size" | "weight_layout" | "kept">;

/** A training whose memory is to be planned. */
export interface MemoryRequest {
  /** Device to open, as {@link Device.open} has it. */
  device: string;
  /** Threads of a CPU; each has working memory of its own. */
  threads: number;
  /** Tells of a device that is not there; see {@link Device.openDry}. */
  as?: Partial<DeviceInfo> | undefined;
  /** Loads the model onto a device; called with dry ones. */
  load: (device: Device, layout: WeightLayout) => Promise<Model>;
  /** Ways in which frozen weights can lie there, the fastest first. */
  layouts: readonly WeightLayout[];
  sequenceLength: number;
  /** Sequences of an optimizer step: the largest micro-batch. */
  batchSize: number;
  /** What an interrupted training went on with: taken if it fits, whatever might be faster now. */
  earlier?: Configuration | undefined;
  /** What could be changed if memory does not suffice. */
  alternatives?: readonly Alternative[] | undefined;
}

/** A change that saves memory. */
export interface Alternative {
  /** In words for a person, e.g. `--rank 8`. */
  change: string;
  request: Partial<MemoryRequest>;
}

/** A model on a dry device. */
export interface DryModel {
  layout: WeightLayout;
  model: Model;
  /** Bytes that loading took besides what it left behind. */
  loading: number;
}

/** The plan that takes least: nothing is kept on the device, and sequences go one by one. */
export function leanestPlan(request: MemoryRequest): Promise<MemoryPlan> {
  const lean = { ...request, layouts: request.layouts.slice(-1) };
  return withDryModels(lean, ([dry]) => {
    const leanest = keptBy((dry as DryModel).model).at(-1) as Kept;
    return planOf(request, dry as DryModel, 1, leanest);
  });
}

/**
 * Layers at most whose results are all kept. They make one graph, and ggml ends the process where it
 * finds more than 256 gaps in a graph's memory (MAX_FREE_BLOCKS in ggml-alloc.c): some graphs of 36
 * layers have them.
 */
const MAX_WHOLE_LAYERS = 32;

/** What the forward pass can leave for the backward pass, what makes it fastest first. */
export const keptBy = ({ device, config }: Model): readonly Kept[] => [
  ...(config.layers <= MAX_WHOLE_LAYERS ? (["results"] as const) : []),
  "inputs",
  ...(device.info.kind === "cpu" ? [] : (["inputs_on_host"] as const)),
];

/** Whether a plan leaves other programs their memory, on the device and on its host. */
export function fits(plan: MemoryPlan, { as }: Pick<MemoryRequest, "as">): boolean {
  const isHost = as === undefined && plan.parts.program > 0;
  if (plan.total_bytes > (isHost ? HOST_SHARE : 1) * plan.free_bytes) return false;
  return as !== undefined || plan.host_bytes <= HOST_SHARE * freeHostMemory();
}

/** Bytes that a training may count on, with what this program holds already. */
export function freeMemory({ as }: Pick<MemoryRequest, "as">, info: DeviceInfo): number {
  const isHost = info.kind === "cpu" && as?.freeMemory === undefined;
  return isHost ? freeHostMemory() + process.memoryUsage.rss() : info.freeMemory;
}

/** What a configuration takes. */
export async function planOf(
  { sequenceLength, as }: MemoryRequest,
  { layout, model, loading }: DryModel,
  sequences: number,
  kept: Kept,
): Promise<MemoryPlan> {
  const { info } = model.device;
  const parts = await measureMemory(model, { sequences, sequenceLength }, kept, loading);
  const { layers, embeddingLength } = model.config;
  const inputs = keptInputBytes(layers, [embeddingLength, sequences * sequenceLength]);
  return {
    device: info.name,
    sequence_length: sequenceLength,
    micro_batch_size: sequences,
    weight_layout: layout,
    kept,
    parts,
    total_bytes: total(parts),
    host_bytes: model.memory.host + (kept === "inputs_on_host" ? inputs : 0),
    free_bytes: freeMemory({ as }, info),
  };
}

/** Loads the model onto dry devices, in each layout, for as long as `use` takes. */
export async function withDryModels<T>(
  { device: choice, threads, as, layouts, load }: MemoryRequest,
  use: (models: readonly DryModel[]) => Promise<T>,
): Promise<T> {
  const opened: { dispose(): void }[] = [];
  try {
    const models: DryModel[] = [];
    for (const layout of layouts) {
      const device = Device.openDry(choice, threads, as);
      opened.push(device);
      const model = await load(device, layout);
      opened.push(model);
      const { peak, reserved } = device.memory;
      models.push({ layout, model, loading: peak - reserved });
    }
    return await use(models);
  } finally {
    for (const thing of opened.reverse()) thing.dispose();
  }
}
