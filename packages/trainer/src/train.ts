import { basename, join } from "node:path";
import { Device, GgufFile, GgufMetadata, modelPaths } from "@repotune/ggml";
import {
  type ExportCheck,
  hashFile,
  hashText,
  type MemoryPlan,
  producerOf,
  recordedOptions,
  SCHEMA_VERSION,
  type StageContext,
  StageError,
  type TrainingReport,
  vocabularyHash,
  writeJsonFile,
} from "@repotune/schema";
import { Checkpoints, type TrainingIdentity } from "./checkpoint.ts";
import { openReplay } from "./data/replay.ts";
import { openDataset, type TokenDataset } from "./data/token-dataset.ts";
import { Engine } from "./engine/engine.ts";
import type { Kept } from "./engine/layer-states.ts";
import { BaseModelFile } from "./model/base.ts";
import { explainDivergence } from "./model/damaged-base.ts";
import type { WeightLayout } from "./model/frozen-weights.ts";
import type { LoraOptions } from "./model/lora.ts";
import type { Model } from "./model/model.ts";
import { checkBase, type LoadedModel, loadModel } from "./model/open-model.ts";
import { INCIDENTAL_OPTIONS, OUTPUT_OPTIONS, type TrainOptions, trainingKind } from "./options.ts";
import { exportTrained } from "./output/export.ts";
import type { LoadedEngine } from "./output/export-check.ts";
import { outputName } from "./output/output-name.ts";
import { writeAdapter } from "./output/write-adapter.ts";
import { scratchMetadata, trainedBaseMetadata, writeModel } from "./output/write-model.ts";
import { planMemory } from "./plan/memory-plan.ts";
import { changedPlan, planLine } from "./plan/memory-text.ts";
import { trainingRequest } from "./plan/training-request.ts";
import { Recorder } from "./report/recorder.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import { defaultThreads } from "./threads.ts";
import { Training, type TrainingOutcome } from "./training.ts";
import { readVocabularyMetadata } from "./vocabulary-metadata.ts";

/**
 * Trains in this process, and writes the model or the adapter, and `training_report.json`.
 *
 * A failed assertion in ggml ends the process: use `trainInChild` where that matters.
 *
 * @throws {StageError} what {@link openDataset}, {@link loadModel} and {@link Training.run} throw.
 */
export async function train(
  options: TrainOptions,
  context: StageContext = {},
): Promise<TrainingReport> {
  const began = performance.now();
  const clock = () => (performance.now() - began) / 1000;
  const dataset = await openDataset(options.dataset);
  let replay: TokenDataset | undefined;
  const opened: { dispose(): void }[] = [];
  const disposeLater = <T extends { dispose(): void }>(thing: T): T => {
    opened.push(thing);
    return thing;
  };
  try {
    const threads = options.threads || defaultThreads();
    const device = disposeLater(Device.open(options.device, threads));
    replay = await openReplay(options, dataset);
    const vocabulary = await vocabularyOf(options, dataset);
    const settings = resolveSettings(options, dataset, device, threads);
    await checkBase(options, dataset);
    const identity = await identityOf(options);
    const checkpoints = new Checkpoints(options.outputDir, identity);
    const earlier = await checkpoints.earlierConfiguration();
    const request = trainingRequest(options, dataset, settings);
    const plan = await planMemory({ ...request, earlier });
    for (const notice of [changedPlan(plan, earlier), planLine(plan)]) {
      if (notice !== undefined) context.onNotice?.(notice);
    }
    checkpoints.setConfiguration(plan);
    const source = await loadModel(options, dataset, device, plan.weight_layout);
    const model = disposeLater(source.model);
    const { sequenceLength, optimizer } = settings;
    const shape = { sequences: plan.micro_batch_size, sequenceLength };
    const engineOf = (model: Model, kept: Kept = "inputs") =>
      new Engine(model, shape, optimizer, kept);
    const engine = disposeLater(engineOf(model, plan.kept));
    const recorder = new Recorder({
      folder: join(options.outputDir, "tensorboard"),
      engine,
      heldOut: await dataset.validation.read(0),
      vocabulary: await vocabularyIn(options, vocabulary),
      documentEndId: dataset.description.vocabulary.document_end_id,
      continuationTokens: options.samples,
      clock,
      onNotice: context.onNotice,
    });
    const parts = {
      dataset,
      replay: replay?.train,
      engine,
      settings,
      checkpoints,
      recorder,
      context,
      clock,
    };
    const outcome = await new Training(parts)
      .run()
      .catch((error: unknown) => explainDivergence(error, options.base))
      .finally(() => recorder.close());

    const metadata = source.metadata
      ? trainedBaseMetadata(source.metadata)
      : scratchMetadata(model, vocabulary);
    const { best, progress } = outcome.state;
    const kind = trainingKind(options);
    const check = await exportTrained({
      ...options,
      engine,
      metadata,
      async release() {
        if (best.step < progress.step) {
          // What was learnt last may be wanted, too: to go on from, or to compare.
          await checkpoints.restoreValues(model.parameters, "newest");
          const last = join(options.outputDir, `last-${outputName(kind)}`);
          if (kind === "lora") await writeAdapter(last, model);
          else await writeModel(last, model, metadata);
        }
        for (const thing of opened.splice(1).reverse()) thing.dispose(); // all but the device
      },
      load(path, lora) {
        // Packed weights round otherwise; what is computed with the base itself must be the same.
        const layout = path === options.base ? plan.weight_layout : "compact";
        return loadEngine(path, device, lora, layout, engineOf);
      },
      validation: dataset.validation,
      threads,
      context,
    });
    const report = reportOf({ options, identity, source, settings, plan, outcome, check });
    await writeJsonFile(join(options.outputDir, "training_report.json"), report);
    await checkpoints.clear();
    return report;
  } finally {
    for (const thing of opened.reverse()) thing.dispose();
    await replay?.close();
    await dataset.close();
  }
}

/** Loads a written file to check it. */
async function loadEngine(
  path: string,
  device: Device,
  lora: LoraOptions,
  layout: WeightLayout,
  engineOf: (model: Model) => Engine,
): Promise<LoadedEngine> {
  const file = await BaseModelFile.open(path);
  const model = await file.load(device, lora, layout).finally(() => file.close());
  try {
    const engine = engineOf(model);
    return {
      engine,
      dispose() {
        engine.dispose();
        model.dispose();
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** All that the course of a training depends on. */
async function identityOf(options: TrainOptions): Promise<TrainingIdentity> {
  const { dataset, base, adapter, replayDataset } = options;
  return {
    dataset: await hashFile(join(dataset, "dataset.json")),
    base: base === "scratch" ? base : await hashModel(base),
    ...(adapter !== "" && { adapter: await hashFile(adapter) }),
    ...(replayDataset !== "" && { replay: await hashFile(join(replayDataset, "dataset.json")) }),
    options: hashText(JSON.stringify(trainingOptions(options))),
    format: SCHEMA_VERSION,
  };
}

async function hashModel(path: string): Promise<string> {
  const hashes: string[] = [];
  for (const part of modelPaths(path)) hashes.push(await hashFile(part));
  return hashes.length === 1 ? (hashes[0] as string) : hashText(hashes.join(" "));
}

type Vocabulary = Awaited<ReturnType<typeof readVocabularyMetadata>>;

/** What a new model's file says of its vocabulary; checked before any time is spent on training. */
async function vocabularyOf(
  { base, dataset }: TrainOptions,
  { tokenizerPath, description }: TokenDataset,
): Promise<Vocabulary> {
  if (base !== "scratch") return [];
  const { document_end_id, vocabulary_hash } = description.vocabulary;
  if (tokenizerPath === null) {
    throw new StageError(
      "E_MISMATCH",
      `The dataset ${dataset} has the vocabulary of a base model, and no tokenizer.json.`,
      { hint: "Train on that base (--base FILE.gguf), or tokenize without one." },
    );
  }
  const entries = await readVocabularyMetadata(tokenizerPath, { documentEndId: document_end_id });
  const tokens = new GgufMetadata(tokenizerPath, entries).strings("tokenizer.ggml.tokens");
  if (vocabularyHash(tokens) === vocabulary_hash) return entries;
  throw new StageError("E_MISMATCH", `${tokenizerPath} is not the vocabulary of its dataset.`, {
    hint: "Build the dataset anew.",
  });
}

/** The vocabulary to write samples in. */
async function vocabularyIn({ base }: TrainOptions, trained: Vocabulary): Promise<GgufMetadata> {
  if (base === "scratch") return new GgufMetadata("tokenizer.json", trained);
  const file = await GgufFile.open(base);
  await file.close();
  return file.metadata;
}

/** Options that the result depends on. */
const resultOptions = (options: TrainOptions) => without(options, INCIDENTAL_OPTIONS);

/** Options that the training itself depends on. */
const trainingOptions = (options: TrainOptions) =>
  without(options, [...INCIDENTAL_OPTIONS, ...OUTPUT_OPTIONS]);

const without = (options: TrainOptions, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));

function reportOf(parts: {
  options: TrainOptions;
  identity: TrainingIdentity;
  source: LoadedModel;
  settings: Settings;
  plan: MemoryPlan;
  outcome: TrainingOutcome;
  check: ExportCheck;
}): TrainingReport {
  const { options, identity, source, settings, plan, outcome } = parts;
  const { model } = source;
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
    loss_history: state.lossHistory,
    ...state.recording,
    export: parts.check,
  };
}
