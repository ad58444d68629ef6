import type { Device } from "@repotune/ggml";
import type { MemoryPlan } from "@repotune/schema";
import type { Kept } from "../engine/layer-states.ts";
import {
  type DryModel,
  fits,
  freeMemory,
  keptBy,
  type MemoryRequest,
  planOf,
  withDryModels,
} from "./dry-plan.ts";
import { tooLittleMemory } from "./too-little-memory.ts";

const GIB = 2 ** 30;

/**
 * Sequences of a micro-batch that are tried first, by what is free on a GPU: more of them make it
 * busier. A CPU is busy with two.
 */
const FIRST_TRIED = {
  cpu: 2,
  large: 8,
  medium: 4,
  small: 2,
  largeBytes: 8 * GIB,
  mediumBytes: 4 * GIB,
};
/** Short sequences are put together until there are so many tokens; */
const MICRO_BATCH_TOKENS = 2048;
/** half as many do for models of this width. */
const WIDE_MODEL = 2048;
/** With fewer tokens, it takes longer to dequantise and transpose weights than to multiply. */
const ENOUGH_TOKENS = 512;

/**
 * Chooses the fastest way to train that fits what is free on a device, and says what it will take.
 *
 * Nothing is estimated but what lies outside of ggml's buffers: the model is loaded and the graphs are
 * built on a dry device, which takes moments and no memory.
 *
 * @throws {StageError} `E_MEMORY` if nothing fits, with the nearest settings that do; what `load` and
 *   {@link Device.open} throw.
 */
export async function planMemory(request: MemoryRequest): Promise<MemoryPlan> {
  const plan = await withDryModels(request, async (models) => {
    // Where the weights alone are too large, graphs need not be built.
    const possible = models.filter(
      ({ model: { device } }) => device.memory.reserved <= freeMemory(request, device.info),
    );
    for (const { sequences, kept, dry } of configurations(request, possible)) {
      const plan = await planOf(request, dry, sequences, kept);
      if (fits(plan, request)) return plan;
    }
    return undefined;
  });
  if (plan) return plan;
  throw await tooLittleMemory(request);
}

/** All ways to train: that of an interrupted training, then the fastest first. */
function* configurations(
  { sequenceLength, batchSize, earlier }: MemoryRequest,
  models: readonly DryModel[],
): Generator<{ sequences: number; kept: Kept; dry: DryModel }> {
  if (models[0] === undefined) return;
  const same = models.find(({ layout }) => layout === earlier?.weight_layout);
  if (earlier && same) {
    yield { sequences: earlier.micro_batch_size, kept: earlier.kept, dry: same };
  }
  const { model } = models[0];
  const { device, config } = model;
  const wanted = config.embeddingLength < WIDE_MODEL ? MICRO_BATCH_TOKENS : MICRO_BATCH_TOKENS / 2;
  const first = Math.max(firstTried(device), Math.floor(wanted / sequenceLength));
  const sizes: number[] = [];
  for (let size = Math.min(first, batchSize); size >= 1; size = Math.floor(size / 2)) {
    sizes.push(size);
  }
  const isEnough = (size: number) => size * sequenceLength >= ENOUGH_TOKENS;
  const full = sizes.filter((size, i) => i === 0 || isEnough(size));
  for (const some of [full, sizes.slice(full.length)]) {
    for (const dry of models) {
      for (const kept of keptBy(model)) {
        for (const sequences of some) yield { sequences, kept, dry };
      }
    }
  }
}

function firstTried({ info }: Device): number {
  const { cpu, large, medium, small, largeBytes, mediumBytes } = FIRST_TRIED;
  if (info.kind === "cpu") return cpu;
  return info.freeMemory >= largeBytes ? large : info.freeMemory >= mediumBytes ? medium : small;
}
