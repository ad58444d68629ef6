import type { Device } from "@repotune/ggml";
import type { MemoryPlan } from "@repotune/schema";
import { type BatchShape, Engine } from "../engine/engine.ts";
import type { Kept } from "../engine/layer-states.ts";
import type { AdamWSettings } from "../engine/optimizer.ts";
import type { Model } from "../model/model.ts";
import { comparedPredictions, HELD_OUT_TOKENS } from "../output/held-out.ts";

/**
 * What a GPU's driver and ggml's pools take besides buffers: a CUDA context is 150 to 300 MiB, by the
 * device; the pools hold a product's input in eight bits and a few rows' results, a small share of
 * what else there is.
 */
const GPU_ALLOWANCE = { bytes: 300 * 2 ** 20, share: 0.05 };

/** Node.js with the libraries, the dataset's tables and a vocabulary, as measured in trainings. */
const PROGRAM_BYTES = 95 * 2 ** 20;
/** Copies of a micro-batch's mask, 4 · B · T² bytes each, that are alive or wait to be collected. */
const MASK_COPIES = 2.5;

/** Models whose logits are compared at once, before what was written is read again. */
const COMPARED_MODELS = 2;

/** AdamW's settings change no memory. */
const ANY_SETTINGS: AdamWSettings = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradientNorm: 1,
};

/** Bytes of each part of a plan. */
export type MemoryParts = MemoryPlan["parts"];

/**
 * Measures what training takes, by building everything on a dry device.
 *
 * @param model on a device that is dry.
 * @param loading bytes that loading took besides what it left behind: free again for the engine.
 */
export async function measureMemory(
  model: Model,
  shape: BatchShape,
  kept: Kept,
  loading = 0,
): Promise<MemoryParts> {
  const { memory } = model.device;
  const engine = new Engine(model, shape, ANY_SETTINGS, kept);
  const { batch, states, results, work } = engine.memory;
  // Before it is written, what was trained is asked for logits to compare with.
  memory.forgetPeak();
  const { byteLength } = await engine.logits(new Int32Array(comparedRows(model, shape)));
  const check = memory.peak - memory.reserved;
  engine.dispose();
  const { weights, transposed, parameters } = model.memory;
  const buffers = {
    weights,
    transposed,
    parameters,
    layer_inputs: states,
    batch,
    results: Math.max(results, loading - states - batch),
    check,
  };
  const host = { work, compared: COMPARED_MODELS * byteLength };
  return { ...buffers, ...hostParts(model.device, shape, host, total(buffers)) };
}

/** Rows of a micro-batch whose logits are asked for at once, at most. */
function comparedRows({ config }: Model, { sequences, sequenceLength }: BatchShape): number {
  const held = Math.max(HELD_OUT_TOKENS, sequenceLength);
  return Math.min(held, sequences * sequenceLength, comparedPredictions(config.vocabularySize));
}

/** What is not in ggml's buffers. */
function hostParts(
  device: Device,
  shape: BatchShape,
  { work, compared }: { work: number; compared: number },
  buffers: number,
) {
  const { sequences, sequenceLength } = shape;
  if (device.info.kind !== "cpu") {
    return { work: Math.round(GPU_ALLOWANCE.bytes + GPU_ALLOWANCE.share * buffers), program: 0 };
  }
  const mask = 4 * sequences * sequenceLength ** 2;
  return { work, program: Math.round(PROGRAM_BYTES + MASK_COPIES * mask + compared) };
}

/** Sum of all parts. */
export const total = (parts: Readonly<Partial<MemoryParts>>): number =>
  Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
