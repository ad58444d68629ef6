import { StageError } from "@repotune/schema";
import { type Alternative, fits, leanestPlan, type MemoryRequest } from "./dry-plan.ts";
import { mebibytes, partsText } from "./memory-text.ts";

/** Shorter sequences teach a model little. */
const SHORTEST_SEQUENCE = 128;

/** The error for a training that does not fit, however it is configured. */
export async function tooLittleMemory(request: MemoryRequest): Promise<StageError> {
  const fitting: string[] = [];
  for (const { change, request: changes } of request.alternatives ?? []) {
    const changed = { ...request, ...changes };
    if (fits(await leanestPlan(changed), changed)) fitting.push(change);
  }
  const shorter = await longestFitting(request);
  if (shorter) fitting.push(shorter.change);
  const smallest = await leanestPlan(request);
  const { device, total_bytes, free_bytes } = smallest;
  return new StageError(
    "E_MEMORY",
    `Training takes at least ${mebibytes(total_bytes)} of ${device}, which has ${mebibytes(free_bytes)} free: ${partsText(smallest)}.`,
    {
      hint:
        fitting.length > 0
          ? `It would fit with ${fitting.join(", or with ")}.`
          : "Take a smaller model or a smaller quantisation of it, or another device.",
    },
  );
}

/** Half the sequence length, or a quarter, and so on, until it fits. */
async function longestFitting(request: MemoryRequest): Promise<Alternative | undefined> {
  for (
    let length = Math.floor(request.sequenceLength / 2);
    length >= SHORTEST_SEQUENCE;
    length = Math.floor(length / 2)
  ) {
    const changed = { ...request, sequenceLength: length };
    if (!fits(await leanestPlan(changed), changed)) continue;
    return {
      change: `sequences of ${length} tokens (build the dataset with --sequence-length ${length})`,
      request: { sequenceLength: length },
    };
  }
  return undefined;
}
