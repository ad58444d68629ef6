import type { Device } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import type { TokenDataset } from "./data/token-dataset.ts";
import type { AdamWSettings } from "./engine/optimizer.ts";
import type { ModelConfig } from "./model/config.ts";
import { resolveAuto, type TrainOptions } from "./options.ts";

/**
 * Tokens of an optimizer step. Many small steps beat few large ones where time is short: of the same
 * 512,000 tokens of a repository, a new model learnt to 2.52 bits per byte in steps of 2,048, to
 * 2.42 in steps of 1,024 and to 2.38 in steps of 512, which however keep a GPU less busy.
 */
export const BATCH_TOKENS = { scratch: 1024, lora: 2048 };
/**
 * Peak learning rates. Of 0.0015, 0.003 and 0.006, a new model learnt to 2.38, 2.33 and 2.43 bits per
 * byte in the same 600 steps.
 */
const LEARNING_RATE = { scratch: 3e-3, lora: 2e-4 };
/** Tokens of a micro-batch at most; more gains no speed. */
const DEVICE_TOKENS = 2048;
/** From this width on, a micro-batch of half the tokens fills the device as well. */
const WIDE_MODEL = 2048;
/** What a person waits for without being asked. */
const CPU_MINUTES = 8;
/** Adam's usual means; the second is shorter for models trained on all weights, as in GPT-3. */
const BETAS = { scratch: [0.9, 0.95], lora: [0.9, 0.999] } as const;

/** Everything a training needs to know, with no `auto` left. */
export interface Settings {
  optimizer: AdamWSettings;
  peakLearningRate: number;
  /** Sequences in an optimizer step. */
  batchSize: number;
  /** Sequences on the device at once. */
  microBatchSize: number;
  sequenceLength: number;
  /** Passes over the training data at most. */
  epochs: number;
  /** Exact number of steps, or 0. */
  steps: number;
  /** Seconds for the whole training; `Infinity` for no limit. */
  maxSeconds: number;
  /** Measurements of the validation split on the way, at least. */
  evaluations: number;
  /** Tokens of a split to measure on, at most. */
  validationTokens: number;
  /** Measurements without progress after which to stop, or 0. */
  patience: number;
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
  config: ModelConfig,
  device: Device,
  threads: number,
): Settings {
  const kind = options.base === "scratch" ? "scratch" : "lora";
  const { sequence_length: sequenceLength, recommended_epochs } = description;
  const auto = <T>(scratch: T, lora: T) => (kind === "scratch" ? scratch : lora);
  const [beta1, beta2] = BETAS[kind];
  const batchSize = resolveAuto(
    options.batchSize,
    Math.max(1, Math.round(BATCH_TOKENS[kind] / sequenceLength)),
  );
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new StageError("E_USAGE", `A batch cannot have ${batchSize} sequences.`);
  }
  const deviceTokens = config.embeddingLength < WIDE_MODEL ? DEVICE_TOKENS : DEVICE_TOKENS / 2;
  const fitting = Math.max(1, Math.floor(deviceTokens / sequenceLength));
  const isCpu = device.info.kind === "cpu";
  const minutes = options.steps > 0 ? 0 : resolveAuto(options.maxMinutes, isCpu ? CPU_MINUTES : 0);
  return {
    optimizer: {
      beta1,
      beta2,
      epsilon: 1e-8,
      weightDecay: resolveAuto(options.weightDecay, auto(0.1, 0.01)),
      maxGradientNorm: options.gradientClip,
    },
    peakLearningRate: resolveAuto(options.learningRate, LEARNING_RATE[kind]),
    batchSize,
    microBatchSize: Math.min(batchSize, fitting),
    sequenceLength,
    epochs: resolveAuto(options.epochs, recommended_epochs),
    steps: options.steps,
    maxSeconds: minutes > 0 ? minutes * 60 : Number.POSITIVE_INFINITY,
    evaluations: options.evaluations,
    validationTokens: options.validationTokens,
    patience: options.patience,
    seed: options.seed,
    threads,
    tunesThreads: isCpu && options.threads === 0,
  };
}
