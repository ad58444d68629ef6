import type { Device } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import type { TokenDataset } from "./data/token-dataset.ts";
import type { AdamWSettings } from "./engine/optimizer.ts";
import { resolveAuto, type TrainOptions, trainingKind } from "./options.ts";
import type { Schedule } from "./plan/schedule.ts";

/**
 * Tokens of an optimizer step. Many small steps beat few large ones where time is short: of the same
 * 512,000 tokens of a repository, a new model learnt to 2.52 bits per byte in steps of 2,048, to
 * 2.42 in steps of 1,024 and to 2.38 in steps of 512, which however keep a GPU less busy.
 */
export const BATCH_TOKENS = { scratch: 1024, lora: 2048, all: 2048 };
/**
 * Peak learning rates for batches of that many tokens. Of 0.0015, 0.003 and 0.006, a new model learnt
 * to 2.38, 2.33 and 2.43 bits per byte in the same 600 steps. Weights that mean something already
 * want small steps: 0.00002 is what fine-tuning all of a model usually takes.
 */
const LEARNING_RATE = { scratch: 3e-3, lora: 2e-4, all: 2e-5 };
/**
 * The rate grows and falls with the batch (Goyal et al., https://arxiv.org/abs/1706.02677), but not
 * without end: beyond a critical size, larger batches allow no larger steps (McCandlish et al.,
 * https://arxiv.org/abs/1812.06162).
 */
const MAX_RATE_FACTOR = 4;
/** What a person waits for without being asked. */
const CPU_MINUTES = 8;
/** Adam's usual means; the second is shorter for models trained on all weights, as in GPT-3. */
const BETAS = { scratch: [0.9, 0.95], lora: [0.9, 0.999], all: [0.9, 0.999] } as const;
const WEIGHT_DECAY = { scratch: 0.1, lora: 0.01, all: 0.01 };

/** Everything a training needs to know, with no `auto` left. */
export interface Settings {
  optimizer: AdamWSettings;
  peakLearningRate: number;
  schedule: Schedule;
  /** Sequences in an optimizer step. */
  batchSize: number;
  sequenceLength: number;
  /** Passes over the training data at most. */
  epochs: number;
  /** Exact number of steps, or 0. */
  steps: number;
  /** Seconds for the whole training; `Infinity` for no limit. */
  maxSeconds: number;
  /** Measurements of the validation split on the way, evenly spaced. */
  evaluations: number;
  /** Steps from one measurement to the next instead, or 0. */
  evaluateEvery: number;
  /** Tokens of a split to measure on, at most. */
  validationTokens: number;
  /** Measurements without progress after which to stop, or 0. */
  patience: number;
  /** Progress is a validation loss lower by this, nats a token. */
  minGain: number;
  /** Share of old sequences in each batch. */
  replay: number;
  /** Seconds between checkpoints. */
  checkpointSeconds: number;
  seed: number;
  /** Most threads on a CPU. */
  threads: number;
  /** Whether fewer may be used where that is faster. */
  tunesThreads: boolean;
}

/** Resolves what `options` leave open. */
export function resolveSettings(
  options: TrainOptions,
  { description }: TokenDataset,
  device: Device,
  threads: number,
): Settings {
  const kind = trainingKind(options);
  const { sequence_length: sequenceLength, recommended_epochs } = description;
  const [beta1, beta2] = BETAS[kind];
  const usualBatch = Math.max(1, Math.round(BATCH_TOKENS[kind] / sequenceLength));
  const batchSize = resolveAuto(options.batchSize, usualBatch);
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new StageError("E_USAGE", `A batch cannot have ${batchSize} sequences.`);
  }
  const rateFactor = Math.min(batchSize / usualBatch, MAX_RATE_FACTOR);
  const isCpu = device.info.kind === "cpu";
  const minutes = options.steps > 0 ? 0 : resolveAuto(options.maxMinutes, isCpu ? CPU_MINUTES : 0);
  return {
    optimizer: {
      beta1,
      beta2,
      epsilon: 1e-8,
      weightDecay: resolveAuto(options.weightDecay, WEIGHT_DECAY[kind]),
      maxGradientNorm: options.gradientClip,
    },
    peakLearningRate: resolveAuto(options.learningRate, rateFactor * LEARNING_RATE[kind]),
    schedule: options.schedule as Schedule,
    batchSize,
    sequenceLength,
    epochs: resolveAuto(options.epochs, recommended_epochs),
    steps: options.steps,
    maxSeconds: minutes > 0 ? minutes * 60 : Number.POSITIVE_INFINITY,
    evaluations: options.evaluations,
    evaluateEvery: options.evaluateEvery,
    validationTokens: options.validationTokens,
    patience: options.patience,
    minGain: options.minGain,
    replay: options.replay,
    checkpointSeconds: options.checkpointEvery,
    seed: options.seed,
    threads,
    tunesThreads: isCpu && options.threads === 0,
  };
}
