import type { Device, GgufMetadata } from "@repotune/ggml";
import { StageError } from "@repotune/schema";
import { llama } from "../architectures/llama.ts";
import type { TokenDataset } from "../data/token-dataset.ts";
import { type TrainOptions, trainingKind } from "../options.ts";
import { AdapterFile } from "./adapter-file.ts";
import { BaseModelFile } from "./base.ts";
import type { ModelConfig } from "./config.ts";
import type { WeightLayout } from "./frozen-weights.ts";
import { rankStabilizedAlpha } from "./lora.ts";
import type { Model } from "./model.ts";
import { createModel } from "./scratch.ts";

/** A model ready to be trained. */
export interface LoadedModel {
  model: Model;
  /** The base's metadata; undefined for scratch. */
  metadata?: GgufMetadata;
}

/**
 * Checks that the base fits the dataset, from its header alone: before any time is spent on it.
 *
 * @throws {StageError} as {@link loadModel}.
 */
export async function checkBase({ base }: TrainOptions, dataset: TokenDataset): Promise<void> {
  if (base !== "scratch") await (await openBase(base, dataset)).close();
}

/**
 * Creates or loads the model that `options` ask for; on a dry device, from headers alone.
 *
 * @param layout of frozen weights that are corrected by LoRA. @default "compact"
 * @throws {StageError} `E_MISMATCH` if dataset and model have different vocabularies, `E_USAGE` for
 *   sizes that make no model, and what {@link BaseModelFile} and {@link AdapterFile} throw.
 */
export async function loadModel(
  options: TrainOptions,
  dataset: TokenDataset,
  device: Device,
  layout?: WeightLayout,
): Promise<LoadedModel> {
  const { base, untied, seed, moments } = options;
  if (base === "scratch") {
    const config = scratchConfig(options, dataset);
    return { model: createModel(device, llama, config, { isTied: !untied, seed, moments }) };
  }
  const file = await openBase(base, dataset);
  const { metadata } = file;
  try {
    const isLora = trainingKind(options) === "lora";
    const model = isLora
      ? await loadLora(file, options, device, layout)
      : await file.loadTrained(device, moments);
    return { model, metadata };
  } finally {
    await file.close();
  }
}

async function openBase(path: string, dataset: TokenDataset): Promise<BaseModelFile> {
  const file = await BaseModelFile.open(path);
  try {
    checkVocabulary(file, dataset);
    checkSequenceLength(file, dataset);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function loadLora(
  file: BaseModelFile,
  options: TrainOptions,
  device: Device,
  layout: WeightLayout | undefined,
): Promise<Model> {
  const { rank, seed, moments } = options;
  const adapter = options.adapter === "" ? undefined : await AdapterFile.open(options.adapter);
  try {
    const lora = {
      rank,
      alpha: options.rslora ? rankStabilizedAlpha(options.alpha, rank) : options.alpha,
      targets: options.targets === "all" ? undefined : options.targets.split(","),
      seed,
      rateRatio: options.loraPlus,
      dropout: options.dropout,
      moments,
      adapter,
    };
    return await file.load(device, lora, layout);
  } finally {
    await adapter?.close();
  }
}

/** Sizes of a new model. */
function scratchConfig(options: TrainOptions, { description }: TokenDataset): ModelConfig {
  const { embeddingLength, heads, layers } = options;
  const keyValueHeads = options.keyValueHeads || heads;
  const headSize = embeddingLength / heads;
  if (headSize % 2 !== 0 || heads % keyValueHeads !== 0) {
    throw new StageError(
      "E_USAGE",
      `${heads} heads (${keyValueHeads} of keys and values) do not divide a width of ${embeddingLength}.`,
      { hint: "Heads must have an even size, and share keys and values evenly." },
    );
  }
  // SwiGLU has three matrices where others have two: 8/3 makes up for it. Kernels like multiples.
  const feedForwardLength =
    options.feedForwardLength || 32 * Math.ceil((embeddingLength * 8) / 3 / 32);
  return {
    architecture: llama.name,
    vocabularySize: description.vocabulary.vocab_size,
    contextLength: description.sequence_length,
    embeddingLength,
    layers,
    heads,
    keyValueHeads,
    headSize,
    feedForwardLength,
    normEpsilon: 1e-5,
    rope: { dimensions: headSize, mode: "normal", frequencyBase: 10_000, frequencyScale: 1 },
  };
}

function checkVocabulary(file: BaseModelFile, { description }: TokenDataset): void {
  const { vocab_size, vocabulary_hash } = description.vocabulary;
  const { vocabularySize } = file.config;
  if (vocab_size === vocabularySize && vocabulary_hash === file.vocabularyHash) return;
  throw new StageError(
    "E_MISMATCH",
    vocab_size === vocabularySize
      ? `The dataset's vocabulary is not that of ${file.path}.`
      : `The dataset has a vocabulary of ${vocab_size} tokens, ${file.path} one of ${vocabularySize}.`,
    { hint: "Tokenize with this base (--base), and build the dataset from that." },
  );
}

/** Refuses sequences that are so long that the model computes attention otherwise. */
function checkSequenceLength({ path, config }: BaseModelFile, { description }: TokenDataset): void {
  const { slidingWindow = Number.POSITIVE_INFINITY, scoreGrowth } = config;
  const limit = Math.min(slidingWindow, scoreGrowth?.interval ?? Number.POSITIVE_INFINITY);
  const { sequence_length } = description;
  if (sequence_length <= limit) return;
  throw new StageError(
    "E_UNSUPPORTED",
    `The dataset has sequences of ${sequence_length} tokens; ${path} has ${limit === slidingWindow ? "a sliding window" : "unscaled attention"} of ${limit}.`,
    { hint: `Build the dataset with --sequence-length ${limit}, or less.` },
  );
}
