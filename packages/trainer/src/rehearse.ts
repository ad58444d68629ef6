import { type MemoryPlan, type StageContext, throwIfAborted } from "@repotune/schema";
import { Batches } from "./data/batches.ts";
import { layOut } from "./data/micro-batch.ts";
import { openReplay } from "./data/replay.ts";
import { tokensOf } from "./data/sequence.ts";
import { openDataset } from "./data/token-dataset.ts";
import { Engine } from "./engine/engine.ts";
import { loadModel } from "./model/open-model.ts";
import { openDevice } from "./open-device.ts";
import type { TrainOptions } from "./options.ts";
import { Budget } from "./plan/budget.ts";
import { planMemory } from "./plan/memory-plan.ts";
import { planTable } from "./plan/memory-text.ts";
import { trainingRequest } from "./plan/training-request.ts";
import { resolveSettings } from "./settings.ts";
import { trainStep } from "./training-step.ts";

/** Steps to time, */
const PROBE_STEPS = 20;
/** or fewer where they take so long together. */
const PROBE_SECONDS = 120;
/** The first step fills caches and is not counted. */
const WARM_UP_STEPS = 1;

/** What a training would take. */
export interface Rehearsal {
  plan: MemoryPlan;
  /** Steps that were timed. */
  probeSteps: number;
  /** Median time of a step. */
  stepSeconds: number;
  tokensPerSecond: number;
  /** Steps that the training would take. */
  plannedSteps: number;
  /** Time that it would take, measurements of the validation split included. */
  totalSeconds: number;
}

/**
 * Plans a training and times some of its steps, without writing anything.
 *
 * @throws {StageError} `E_MEMORY` with settings that would fit; `E_INTERRUPTED`; what opening the dataset
 *   and the model throws.
 */
export async function rehearse(
  options: TrainOptions,
  context: StageContext = {},
): Promise<Rehearsal> {
  const dataset = await openDataset(options.dataset);
  const opened: { dispose(): void }[] = [];
  const replay = await openReplay(options, dataset);
  try {
    const device = openDevice(options, context);
    opened.push(device);
    const settings = resolveSettings(options, dataset, device, device.threads);
    const plan = await planMemory(trainingRequest(options, dataset, settings));
    context.onNotice?.(planTable([plan]));
    const { model } = await loadModel(options, dataset, device, plan.weight_layout);
    opened.push(model);
    const { batchSize, sequenceLength, optimizer, seed } = settings;
    const shape = { sequences: plan.micro_batch_size, sequenceLength };
    const engine = new Engine(model, shape, optimizer, plan.kept);
    opened.push(engine);

    const old = replay && { split: replay.train, share: settings.replay };
    const batches = new Batches(dataset.train, seed, old);
    const timings: number[] = [];
    const began = performance.now();
    let tokens = 0;
    for (let step = 1; step <= PROBE_STEPS + WARM_UP_STEPS; step++) {
      throwIfAborted(context.signal);
      const sequences = await batches.read((step - 1) * batchSize, batchSize);
      const { seconds } = await timed(() =>
        trainStep(engine, sequences, {
          number: step,
          learningRate: 0,
          seeds: [seed, step],
          judge: () => undefined,
        }),
      );
      if (step > WARM_UP_STEPS) {
        timings.push(seconds);
        tokens += tokensOf(sequences);
      }
      context.onProgress?.({
        stage: "trainer",
        done: timings.length,
        total: PROBE_STEPS,
        unit: "probe steps",
      });
      if (timings.length > 0 && performance.now() - began > 1000 * PROBE_SECONDS) break;
    }
    const stepSeconds = median(timings);

    const batch = layOut(await batches.read(0, plan.micro_batch_size), shape, true);
    const { seconds } = await timed(() => engine.evaluate(batch));
    const measured = Math.ceil(settings.validationTokens / sequenceLength);
    const evaluationSeconds =
      seconds * Math.ceil(Math.min(measured, dataset.validation.length) / plan.micro_batch_size);
    const steps =
      settings.steps ||
      Math.max(1, Math.round((settings.epochs * batches.epochLength) / batchSize));
    const measurements = settings.evaluations + 2; // before and after, too
    const budget = new Budget({ steps, seconds: settings.maxSeconds }, settings.evaluations + 1);
    budget.recordStep(stepSeconds);
    budget.evaluationSeconds = evaluationSeconds;
    const { planned } = budget.start(evaluationSeconds);
    return {
      plan,
      probeSteps: timings.length,
      stepSeconds,
      tokensPerSecond: tokens / timings.reduce((sum, time) => sum + time, 0),
      plannedSteps: planned,
      totalSeconds: planned * stepSeconds + measurements * evaluationSeconds,
    };
  } finally {
    for (const thing of opened.reverse()) thing.dispose();
    await replay?.close();
    await dataset.close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const began = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - began) / 1000 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
