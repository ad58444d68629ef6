import { basename } from "node:path";
import type { Device, GgufMetadata } from "@repotune/ggml";
import { hashFile, StageError } from "@repotune/schema";
import { llama } from "../architectures/llama.ts";
import type { TokenDataset } from "../data/token-dataset.ts";
import { type TrainingKind, type TrainOptions, trainingKind } from "../options.ts";
import { AdapterFile } from "./adapter-file.ts";
import { BaseModelFile } from "./base.ts";
import type { ModelConfig } from "./config.ts";
import { rankStabilizedAlpha } from "./lora.ts";
import type { Model } from "./model.ts";
import { createModel } from "./scratch.ts";

/** A model ready to be trained, and where it comes from. */
export interface OpenedModel {
  model: Model;
  /** `scratch`, or the base's file name. */
  base: string;
  /** SHA-256 of the base's file; null for scratch. */
  baseHash: string | null;
  kind: TrainingKind;
  /** SHA-256 of the adapter that is trained further; null if there is none. */
  adapterHash: string | null;
  /** The base's metadata; undefined for scratch. */
  metadata?: GgufMetadata;
}

/**
 * Creates or loads the model that `options` ask for.
 *
 * @throws {StageError} `E_MISMATCH` if dataset and model have different vocabularies, `E_USAGE` for
 *   sizes that make no model, and what {@link BaseModelFile} and {@link AdapterFile} throw.
 */
export async function openModel(
  options: TrainOptions,
  dataset: TokenDataset,
  device: Device,
): Promise<OpenedModel> {
  if (options.base === "scratch") {
    const config = scratchConfig(options, dataset);
    const model = createModel(device, llama, config, {
      isTied: !options.untied,
      seed: options.seed,
      moments: options.moments,
    });
    return { model, base: "scratch", baseHash: null, kind: "scratch", adapterHash: null };
  }
  const file = await BaseModelFile.open(options.base);
  try {
    checkVocabulary(file, dataset);
    checkSequenceLength(file, dataset);
    const baseHash = await hashFile(options.base);
    const opened = { base: basename(options.base), baseHash, metadata: file.metadata };
    if (trainingKind(options) === "all") {
      const model = await file.loadTrained(device, options.moments);
      return { ...opened, model, kind: "all", adapterHash: null };
    }
    const { adapter } = options;
    const adapterHash = adapter === "" ? null : await hashFile(adapter);
    return { ...opened, model: await loadLora(file, options, device), kind: "lora", adapterHash };
  } finally {
    await file.close();
  }
}

async function loadLora(
  file: BaseModelFile,
  options: TrainOptions,
  device: Device,
): Promise<Model> {
  const { rank, seed, moments } = options;
  const adapter = options.adapter === "" ? undefined : await AdapterFile.open(options.adapter);
  try {
    return await file.load(device, {
      rank,
      alpha: options.rslora ? rankStabilizedAlpha(options.alpha, rank) : options.alpha,
      targets: options.targets === "all" ? undefined : options.targets.split(","),
      seed,
      rateRatio: options.loraPlus,
      dropout: options.dropout,
      moments,
      adapter,
    });
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
