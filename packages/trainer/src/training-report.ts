import { basename } from "node:path";
import {
  type ExportCheck,
  hashText,
  type MemoryPlan,
  producerOf,
  recordedOptions,
  SCHEMA_VERSION,
  type TrainingReport,
} from "@repotune/schema";
import type { TrainingIdentity } from "./checkpoint.ts";
import type { Model } from "./model/model.ts";
import { resultOptions, type TrainOptions, trainingKind } from "./options.ts";
import { outputName } from "./output/output-name.ts";
import { stepsOf } from "./report/loss-history.ts";
import type { Settings } from "./settings.ts";
import type { TrainingOutcome } from "./training.ts";

/** What a training was, and how it went. */
export function reportOf(parts: {
  options: TrainOptions;
  identity: TrainingIdentity;
  model: Model;
  settings: Settings;
  plan: MemoryPlan;
  outcome: TrainingOutcome;
  check: ExportCheck;
}): TrainingReport {
  const { options, identity, model, settings, plan, outcome } = parts;
  const kind = trainingKind(options);
  const baseHash = identity.base === "scratch" ? null : (identity.base as string);
  const { state, stopReason, test } = outcome;
  const { name, description } = model.device.info;
  const last = state.history.at(-1) ?? state.before;
  return {
    schema_version: SCHEMA_VERSION,
    producer: producerOf(import.meta.url),
    options: recordedOptions({
      ...resultOptions(options),
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      learningRate: settings.peakLearningRate,
      weightDecay: settings.optimizer.weightDecay,
      maxMinutes: Number.isFinite(settings.maxSeconds) ? settings.maxSeconds / 60 : 0,
    }),
    input_hash: hashText(`${identity.dataset} ${baseHash ?? ""}`),
    base: basename(options.base),
    base_hash: baseHash,
    kind,
    adapter_hash: identity.adapter ?? null,
    replay:
      identity.replay === undefined
        ? null
        : { share: settings.replay, dataset_hash: identity.replay },
    architecture: model.config.architecture,
    output: outputName(kind),
    parameters: { total: model.weightCount, trained: model.parameters.count },
    device: { name, description },
    threads: model.device.threads,
    seed: options.seed,
    sequence_length: settings.sequenceLength,
    batch_size: settings.batchSize,
    planned_steps: state.progress.planned,
    steps: state.progress.step,
    epochs: last.epoch,
    tokens_seen: state.tokensSeen,
    elapsed_seconds: state.elapsedSeconds,
    tokens_per_second: state.trainingSeconds > 0 ? state.tokensSeen / state.trainingSeconds : 0,
    memory_plan: plan,
    peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
    stop_reason: stopReason,
    skipped_steps: state.skipped,
    rollbacks: state.rollbacks,
    validation: { before: state.before, best: state.best, history: state.history },
    test,
    loss_history: stepsOf(state.lossHistory),
    ...state.recording,
    export: parts.check,
  };
}
