import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Evaluation,
  SafetensorsFile,
  SafetensorsWriter,
  type TrainingReport,
} from "@repotune/schema";
import type { Parameter, ParameterStore } from "./model/parameter.ts";
import type { Progress } from "./plan/schedule.ts";
import type { Recording } from "./report/recorder.ts";

/** All that a training needs to go on as if it had never stopped, besides the parameters. */
export interface TrainingState {
  /** Identity of inputs and options; a checkpoint of another training is not taken up. */
  key: string;
  progress: Progress;
  /** Sequences taken from the endless order of epochs so far. */
  sequencesSeen: number;
  tokensSeen: number;
  /** Seconds of all the work, interruptions not counted. */
  elapsedSeconds: number;
  /** Seconds of training steps alone. */
  trainingSeconds: number;
  /** Seconds that one evaluation took. */
  evaluationSeconds: number;
  /** Sequences of the validation split that are measured on. */
  validationCount: number;
  /** Which of the planned measurements was taken last. */
  moment: number;
  before: Evaluation;
  best: Evaluation;
  history: Evaluation[];
  lossHistory: TrainingReport["loss_history"];
  recording: Recording;
}

const PARTS = ["value", "mean", "variance"] as const;
type Part = (typeof PARTS)[number];

/** Checkpoints of one training, in a folder of their own. */
export class Checkpoints {
  readonly #last: string;
  readonly #best: string;
  readonly #folder: string;

  /** @param outputDir the training's output folder. */
  constructor(outputDir: string) {
    this.#folder = join(outputDir, "checkpoints");
    this.#last = join(this.#folder, "last.safetensors");
    this.#best = join(this.#folder, "best.safetensors");
  }

  /** Keeps the moment: parameters, optimizer and state. */
  async save(parameters: ParameterStore, state: TrainingState): Promise<void> {
    await write(this.#last, parameters.all, PARTS, { state: JSON.stringify(state) });
  }

  /** Keeps the parameters alone, as the best so far. */
  async saveBest(parameters: ParameterStore): Promise<void> {
    await write(this.#best, parameters.all, ["value"], {});
  }

  /**
   * Restores the last checkpoint of the training `key`.
   *
   * @returns its state, or `undefined` if there is none.
   */
  async restore(parameters: ParameterStore, key: string): Promise<TrainingState | undefined> {
    if (!existsSync(this.#last) || !existsSync(this.#best)) return undefined;
    const file = await SafetensorsFile.open(this.#last);
    try {
      const state = JSON.parse(file.metadata.state ?? "{}") as Partial<TrainingState>;
      if (state.key !== key) return undefined;
      await read(file, parameters.all, PARTS);
      return state as TrainingState;
    } finally {
      await file.close();
    }
  }

  /** Makes the best parameters the current ones. */
  async restoreBest(parameters: ParameterStore): Promise<void> {
    const file = await SafetensorsFile.open(this.#best);
    try {
      await read(file, parameters.all, ["value"]);
    } finally {
      await file.close();
    }
  }

  /** Removes all checkpoints. */
  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** One tensor per part, all parameters one after another: the format knows no limit on tensors, but
 * a writer that grows them side by side needs an open file for each. */
async function write(
  path: string,
  parameters: readonly Parameter[],
  parts: readonly Part[],
  metadata: Record<string, string>,
): Promise<void> {
  const writer = new SafetensorsWriter(path);
  try {
    for (const part of parts) {
      for (const parameter of parameters) await writer.append(part, "F32", parameter[part].read());
    }
    const layout = parameters.map(({ name, shape }) => ({ name, shape }));
    await writer.commit({ ...metadata, parameters: JSON.stringify(layout) });
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

async function read(
  file: SafetensorsFile,
  parameters: readonly Parameter[],
  parts: readonly Part[],
): Promise<void> {
  for (const part of parts) {
    let at = 0;
    for (const parameter of parameters) {
      const { elements } = parameter[part];
      parameter[part].write((await file.read(part, at, at + elements)) as Float32Array);
      at += elements;
    }
  }
}
