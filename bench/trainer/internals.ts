/**
 * What the benchmarks take from inside the packages: parts that nobody else should build upon.
 * To be had through `load-trainer.mjs`.
 */
export {
  Device,
  GGML_TYPES,
  GgufFile,
  listDevices,
  quantizeRows,
  tensorBytes,
} from "../../packages/ggml/src/index.ts";
export { SafetensorsWriter, vocabularyHash } from "../../packages/schema/src/index.ts";
export { Batches } from "../../packages/trainer/src/data/batches.ts";
export { layOut } from "../../packages/trainer/src/data/micro-batch.ts";
export { lossWeightOf } from "../../packages/trainer/src/data/sequence.ts";
export { openDataset } from "../../packages/trainer/src/data/token-dataset.ts";
export { Engine } from "../../packages/trainer/src/engine/engine.ts";
export { BaseModelFile } from "../../packages/trainer/src/model/base.ts";
export { TrainOptionsSchema } from "../../packages/trainer/src/options.ts";
export { planMemory } from "../../packages/trainer/src/plan/memory-plan.ts";
export { planTable } from "../../packages/trainer/src/plan/memory-text.ts";
export { Random } from "../../packages/trainer/src/random.ts";
export { train } from "../../packages/trainer/src/train.ts";
export { trainStep } from "../../packages/trainer/src/training-step.ts";
