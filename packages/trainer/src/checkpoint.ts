import { existsSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Evaluation,
  hashText,
  messageOf,
  type Rollback,
  type SkippedStep,
} from "@repotune/schema";
import { ParameterFile, writeParameters } from "./checkpoint-file.ts";
import type { ParameterStore } from "./model/parameter.ts";
import type { Configuration } from "./plan/dry-plan.ts";
import type { Progress } from "./plan/schedule.ts";
import type { LossHistory } from "./report/loss-history.ts";
import type { Recording } from "./report/recorder.ts";

/** All that a training needs to go on as if it had never stopped, besides the parameters. */
export interface TrainingState {
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
  /** Measurements that were due so far. */
  moment: number;
  before: Evaluation;
  best: Evaluation;
  history: Evaluation[];
  /** Steps that were taken, without those that were skipped. */
  lossHistory: LossHistory;
  skipped: SkippedStep[];
  /** Steps skipped since the last one that was taken. */
  skippedInRow: number;
  rollbacks: Rollback[];
  /** Factor on all learning rates. */
  rateFactor: number;
  recording: Recording;
}

/**
 * What a training is made of: a hash or a value for each of its inputs, by what they are called in
 * messages. A checkpoint of another training is not taken up.
 */
export type TrainingIdentity = Readonly<Record<string, string>>;

/** Files with a whole state, the newest first. */
const STATES = ["last", "good"] as const;

/**
 * Checkpoints of one training, in `checkpoints/`, in a folder of their own, so that another training
 * with the same output folder takes nothing from it.
 *
 * `good` is the state at a measurement of the validation split that was no worse than usual, `last` a
 * later one if there is one, `best` the weights with the lowest validation loss.
 */
export class Checkpoints {
  readonly #parent: string;
  readonly #folder: string;
  readonly #identity: TrainingIdentity;
  #configuration: Configuration | undefined;

  /** @param outputDir the training's output folder. */
  constructor(outputDir: string, identity: TrainingIdentity) {
    this.#parent = join(outputDir, "checkpoints");
    this.#folder = join(this.#parent, hashText(JSON.stringify(identity)).slice(0, 12));
    this.#identity = identity;
  }

  /** How the training was computed whose checkpoint is here, if there is one that can be read. */
  async earlierConfiguration(): Promise<Configuration | undefined> {
    const name = STATES.find((state) => existsSync(this.#path(state)));
    if (name === undefined) return undefined;
    const { configuration } = await readMetadata(this.#path(name));
    return configuration === undefined ? undefined : (JSON.parse(configuration) as Configuration);
  }

  /** Says how the training is computed; kept with each checkpoint. */
  setConfiguration({ micro_batch_size, weight_layout, kept }: Configuration): void {
    this.#configuration = { micro_batch_size, weight_layout, kept };
  }

  /** Keeps the moment: parameters, optimizer and state. */
  async save(parameters: ParameterStore, state: TrainingState): Promise<void> {
    await this.#write("last", parameters, state);
  }

  /** Keeps the moment, to go back to if training goes wrong. */
  async saveGood(parameters: ParameterStore, state: TrainingState): Promise<void> {
    await this.#write("good", parameters, state);
    await rm(this.#path("last"), { force: true }); // It is older.
  }

  /** Keeps the parameters alone, as the best so far. */
  async saveBest(parameters: ParameterStore, evaluation: Evaluation): Promise<void> {
    const metadata = { evaluation: JSON.stringify(evaluation) };
    await writeParameters(this.#path("best"), parameters.all, ["value"], metadata);
  }

  /**
   * Restores the newest checkpoint that is whole.
   *
   * @param onNotice hears of those that are damaged, and of those of other trainings.
   * @returns its state, or `undefined` if there is none; the parameters are then unchanged.
   */
  async restore(
    parameters: ParameterStore,
    onNotice: (notice: string) => void = () => undefined,
  ): Promise<TrainingState | undefined> {
    const present = STATES.filter((name) => existsSync(this.#path(name)));
    if (present.length === 0) await this.#announceOthers(onNotice);
    for (const name of present) {
      try {
        const evaluation = await this.#check("best");
        const state = await this.#load(name, parameters);
        // Where the program ended between two writes, the best weights are newer than the state.
        return { ...state, best: JSON.parse(evaluation.evaluation as string) as Evaluation };
      } catch (error) {
        onNotice(`A checkpoint cannot be used: ${messageOf(error)}`);
      }
    }
    if (present.length > 0) onNotice("No checkpoint is left to go on from: starting anew.");
    return undefined;
  }

  /**
   * Goes back to the last good moment.
   *
   * @throws {StageError} `E_INPUT` or another if the checkpoint is damaged.
   */
  restoreGood(parameters: ParameterStore): Promise<TrainingState> {
    return this.#load("good", parameters);
  }

  /** Makes the best parameters or the newest that were kept the current ones. */
  async restoreValues(parameters: ParameterStore, which: "best" | "newest"): Promise<void> {
    const newest = STATES.find((state) => existsSync(this.#path(state)));
    const file = await ParameterFile.open(
      this.#path(which === "best" ? which : (newest ?? "last")),
    );
    try {
      await file.read(parameters.all, ["value"]);
    } finally {
      await file.close();
    }
  }

  /** Removes all checkpoints of this training. */
  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await rmdir(this.#parent).catch(() => undefined); // There may be some of others.
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.safetensors`);
  }

  async #write(name: string, parameters: ParameterStore, state: TrainingState): Promise<void> {
    await writeParameters(this.#path(name), parameters.all, ["value", "mean", "variance"], {
      identity: JSON.stringify(this.#identity),
      ...(this.#configuration && { configuration: JSON.stringify(this.#configuration) }),
      state: JSON.stringify(state),
    });
  }

  /** Reads a whole state, after making sure that nothing of it is damaged. */
  async #load(name: string, parameters: ParameterStore): Promise<TrainingState> {
    const file = await ParameterFile.open(this.#path(name));
    try {
      await file.check();
      const state = JSON.parse(file.metadata.state as string) as TrainingState;
      await file.read(parameters.all, ["value", "mean", "variance"]);
      return state;
    } finally {
      await file.close();
    }
  }

  async #check(name: string): Promise<Record<string, string>> {
    const file = await ParameterFile.open(this.#path(name));
    try {
      await file.check();
      return file.metadata;
    } finally {
      await file.close();
    }
  }

  /** Tells why checkpoints that lie here are not gone on from. */
  async #announceOthers(onNotice: (notice: string) => void): Promise<void> {
    for (const name of await readdir(this.#parent).catch(() => [])) {
      const folder = join(this.#parent, name);
      const path = STATES.map((state) => join(folder, `${state}.safetensors`)).find(existsSync);
      if (path === undefined) continue;
      const other = await readIdentity(path);
      const names = Object.keys({ ...other, ...this.#identity });
      const changed = names.filter((part) => other[part] !== this.#identity[part]);
      onNotice(
        `${folder} is a checkpoint of another training: not the same ${changed.join(", ")}. It is kept, and this training begins anew.`,
      );
    }
  }
}

/** What training a checkpoint is of; nothing if it is damaged. */
const readIdentity = async (path: string) =>
  JSON.parse((await readMetadata(path)).identity ?? "{}") as TrainingIdentity;

/** What a checkpoint says of itself; nothing if it is damaged. */
async function readMetadata(path: string): Promise<Record<string, string>> {
  try {
    const file = await ParameterFile.open(path);
    await file.close();
    return file.metadata;
  } catch {
    return {};
  }
}
