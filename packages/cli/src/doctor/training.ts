import { basename, join } from "node:path";
import { Device, type DeviceInfo, type GgmlType } from "@repotune/ggml";
import { type Dataset, DatasetSchema, isStageError, readJsonFile } from "@repotune/schema";
import {
  BaseModelFile,
  defaultThreads,
  type LoraPlan,
  planLora,
  planTable,
} from "@repotune/trainer";
import type { Check } from "./check.ts";
import { type DoctorOptions, parseBytes } from "./options.ts";

/** Lengths that are planned for where no dataset says. */
const SEQUENCE_LENGTHS = [512, 1024, 2048, 4096];

/** Looks at a base and a dataset, and at how a training with them fits the device. */
export async function* checkTraining(options: DoctorOptions): AsyncGenerator<Check> {
  const as = options.deviceMemory === undefined ? undefined : imaginedGpu(options.deviceMemory);
  const dataset = yield* checked("dataset", () => checkDataset(options.dataset));
  const device = yield* checked("device", () => checkDevice(options));
  const base = yield* checked("base", () => checkBase(options.base));
  if (!base) return;
  try {
    if (dataset) yield* checked("vocabulary", () => checkVocabulary(base, dataset));
    if (device !== undefined) {
      const lengths = dataset ? [dataset.sequence_length] : SEQUENCE_LENGTHS;
      yield* checked("memory", () => checkMemory(base, lengths, { ...options, device }, as));
    }
  } finally {
    await base.close();
  }
}

/** What a check found, and what it hands on to the next; nothing to say without a text. */
interface Finding<T> {
  state?: Check["state"];
  text?: string;
  value?: T;
}

/** Runs a check; its failure is a finding as well. */
async function* checked<T>(
  name: string,
  check: () => Promise<Finding<T>>,
): AsyncGenerator<Check, T | undefined> {
  try {
    const { state = "ok", text, value } = await check();
    if (text !== undefined) yield { name, state, text };
    return value;
  } catch (error) {
    if (!isStageError(error)) throw error;
    const { message, hint } = error;
    yield { name, state: "failed", text: hint === undefined ? message : `${message}\n${hint}` };
    return undefined;
  }
}

async function checkDataset(folder: string | undefined): Promise<Finding<Dataset>> {
  if (folder === undefined) return {};
  const dataset = await readJsonFile(join(folder, "dataset.json"), DatasetSchema);
  const { sequences, tokens } = dataset.splits.train;
  const text = `${sequences.toLocaleString("en-US")} sequences of at most ${dataset.sequence_length.toLocaleString("en-US")} tokens to train on, ${tokens.toLocaleString("en-US")} tokens in all`;
  return { text, value: dataset };
}

/** The name of the device that a training would choose. */
async function checkDevice({ device: choice }: DoctorOptions): Promise<Finding<string>> {
  const device = Device.openDry(choice, 1);
  const { name } = device.info;
  device.dispose();
  return { value: name };
}

async function checkBase(path: string | undefined): Promise<Finding<BaseModelFile>> {
  if (path === undefined) return {};
  const base = await BaseModelFile.open(path);
  const { architecture, vocabularySize, contextLength } = base.config;
  const count = (value: number) => value.toLocaleString("en-US");
  const text = `${basename(path)}: ${architecture}, ${count(base.weightCount)} weights (${typesText(base.types)}), vocabulary of ${count(vocabularySize)}, context of ${count(contextLength)} tokens`;
  return { text, value: base };
}

/** `Q4_K 224, Q6_K 1`: types by the number of matrices that have them. */
const typesText = (types: ReadonlyMap<GgmlType, number>) =>
  [...types].map(([type, count]) => `${type} ${count}`).join(", ");

async function checkVocabulary(
  base: BaseModelFile,
  { vocabulary }: Dataset,
): Promise<Finding<void>> {
  return vocabulary.vocabulary_hash === base.vocabularyHash
    ? { text: "that of the base is the dataset's" }
    : {
        state: "failed",
        text: "The dataset has another vocabulary than the base.\nTokenize with this base (--base), and build the dataset from that.",
      };
}

async function checkMemory(
  base: BaseModelFile,
  lengths: readonly number[],
  { device, threads }: DoctorOptions,
  as: Partial<DeviceInfo> | undefined,
): Promise<Finding<void>> {
  const plans: LoraPlan[] = [];
  for (const sequenceLength of lengths.filter((length) => length <= base.config.contextLength)) {
    const where = { device: as ? "cpu" : device, threads: threads || defaultThreads(), as };
    plans.push(await planLora(base, { ...where, sequenceLength }));
  }
  const longest = plans.findLast(({ fits }) => fits)?.plan;
  const table = planTable(plans.map(({ plan }) => plan));
  const name = plans[0]?.plan.device;
  const text = longest
    ? `LoRA of rank 16 on all linear layers fits ${name}, with sequences of up to ${longest.sequence_length.toLocaleString("en-US")} tokens`
    : `LoRA of rank 16 on all linear layers does not fit ${name}: take a smaller model or quantisation, or shorter sequences`;
  const note = as
    ? "\nThe GPU need not be here: buffers are measured with the CPU's alignment, and nothing else may use the card"
    : "";
  return { state: longest ? "ok" : "failed", text: `${text}${note}\n${table}` };
}

/** A GPU that is not here. */
const imaginedGpu = (memory: string): Partial<DeviceInfo> => {
  const bytes = parseBytes(memory);
  return { name: `GPU with ${memory}`, kind: "gpu", freeMemory: bytes, totalMemory: bytes };
};
