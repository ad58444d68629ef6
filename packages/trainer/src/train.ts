import { join } from "node:path";
import type { Device } from "@repotune/ggml";
import { type StageContext, type TrainingReport, writeJsonFile } from "@repotune/schema";
import { Checkpoints } from "./checkpoint.ts";
import { openReplay } from "./data/replay.ts";
import { openDataset, type TokenDataset } from "./data/token-dataset.ts";
import { vocabularyIn, vocabularyOf } from "./data/vocabulary.ts";
import { Engine } from "./engine/engine.ts";
import type { Kept } from "./engine/layer-states.ts";
import { identityOf } from "./identity.ts";
import { BaseModelFile } from "./model/base.ts";
import { explainDivergence } from "./model/damaged-base.ts";
import type { WeightLayout } from "./model/frozen-weights.ts";
import type { LoraOptions } from "./model/lora.ts";
import type { Model } from "./model/model.ts";
import { checkBase, loadModel } from "./model/open-model.ts";
import { openDevice } from "./open-device.ts";
import { type TrainOptions, trainingKind } from "./options.ts";
import { exportTrained } from "./output/export.ts";
import type { LoadedEngine } from "./output/export-check.ts";
import { outputName } from "./output/output-name.ts";
import { writeAdapter } from "./output/write-adapter.ts";
import { scratchMetadata, trainedBaseMetadata, writeModel } from "./output/write-model.ts";
import { planMemory } from "./plan/memory-plan.ts";
import { changedPlan, planLine } from "./plan/memory-text.ts";
import { trainingRequest } from "./plan/training-request.ts";
import { Recorder } from "./report/recorder.ts";
import { resolveSettings } from "./settings.ts";
import { Training } from "./training.ts";
import { reportOf } from "./training-report.ts";

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
    const device = disposeLater(openDevice(options, context));
    const { threads } = device;
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
    const report = reportOf({ options, identity, model, settings, plan, outcome, check });
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
