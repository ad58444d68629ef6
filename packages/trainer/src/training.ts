import {
  type Evaluation,
  type StageContext,
  StageError,
  type TrainingReport,
  throwIfAborted,
} from "@repotune/schema";
import type { Checkpoints, TrainingState } from "./checkpoint.ts";
import { Batches } from "./data/batches.ts";
import { evenlySpaced } from "./data/order.ts";
import { tokensOf } from "./data/sequence.ts";
import type { TokenDataset } from "./data/token-dataset.ts";
import type { TokenSplit } from "./data/token-split.ts";
import type { Engine } from "./engine/engine.ts";
import { evaluate } from "./evaluate.ts";
import { measureFirst } from "./first-measurement.ts";
import { announcement } from "./plan/announcement.ts";
import { Budget } from "./plan/budget.ts";
import { measurementsWithoutProgress } from "./plan/early-stopping.ts";
import { faultOf, GUARD_WINDOW, type StepMeasure } from "./plan/guard.ts";
import { type MeasurementPlan, measurementsDue } from "./plan/measurements.ts";
import { learningRate } from "./plan/schedule.ts";
import { StepTimer } from "./plan/step-timer.ts";
import { emptyLossHistory, stepsOf } from "./report/loss-history.ts";
import type { Recorder } from "./report/recorder.ts";
import type { Settings } from "./settings.ts";
import { skippedReason, TrainingLog } from "./training-log.ts";
import { trainStep } from "./training-step.ts";

/** After so many skipped steps in a row, training goes back to the last good measurement, */
const SKIPPED_IN_ROW = 5;
/** with learning rates multiplied by this, */
const ROLLBACK_RATE = 0.5;
/** but not more often than this. */
const MAX_ROLLBACKS = 3;
/** A measurement is good if its loss is less than this above the lowest, nats a token. */
const WORSE_LOSS = 1;

/** What a training is made of. */
export interface TrainingParts {
  dataset: TokenDataset;
  /** Old sequences to mix in. */
  replay?: TokenSplit | undefined;
  engine: Engine;
  settings: Settings;
  checkpoints: Checkpoints;
  recorder: Recorder;
  context: StageContext;
  /** Seconds since the work began. */
  clock: () => number;
}

/** How a training ended. */
export interface TrainingOutcome {
  state: TrainingState;
  stopReason: TrainingReport["stop_reason"];
  /** The kept weights on the test split; null if it is empty. */
  test: Evaluation | null;
}

/** A training, from its first step or its checkpoint to its last. */
export class Training {
  readonly #parts: TrainingParts;
  readonly #batches: Batches;
  readonly #budget: Budget;
  readonly #measurements: MeasurementPlan;
  readonly #timer: StepTimer;
  readonly #log: TrainingLog;
  /** Seconds of work before this program was started. */
  #earlierSeconds = 0;

  constructor(parts: TrainingParts) {
    const { settings, dataset, replay, engine, clock, context, recorder } = parts;
    const { seed, batchSize, evaluateEvery } = settings;
    this.#parts = parts;
    const old = replay && { split: replay, share: settings.replay };
    this.#batches = new Batches(dataset.train, seed, old);
    this.#log = new TrainingLog(context, recorder);
    this.#timer = new StepTimer(engine.model.device, settings, clock);
    const stepsPerEpoch = this.#batches.epochLength / batchSize;
    const steps = settings.steps || Math.max(1, Math.round(settings.epochs * stepsPerEpoch));
    // Where time is short, the epochs that are allowed say nothing about those that will be.
    const isTimed = Number.isFinite(settings.maxSeconds);
    this.#measurements = {
      evaluations: evaluateEvery > 0 ? 0 : settings.evaluations,
      everySteps: evaluateEvery,
      isEachEpoch: !isTimed,
    };
    // Besides these, one comes before the training and one, on the test split, after it.
    const limits = { steps, seconds: settings.maxSeconds };
    this.#budget = new Budget(limits, this.#measurements.evaluations + 1, evaluateEvery);
  }

  /**
   * Trains. Afterwards the engine's model has the weights with the lowest validation loss.
   *
   * @throws {StageError} `E_INTERRUPTED`, with a checkpoint written; `E_DIVERGED`; `E_OUTPUT` if a
   *   checkpoint cannot be written, the one before then being whole.
   */
  async run(): Promise<TrainingOutcome> {
    const { checkpoints, engine, dataset, context, settings, clock } = this.#parts;
    const { parameters } = engine.model;
    let state = await this.#begin();
    let isStuck = false;
    let savedAt = clock();
    try {
      for (;;) {
        if (this.#dueIn(state) > state.moment) {
          state = await this.#measure(state);
          isStuck = this.#isStuck(state);
          savedAt = clock();
        }
        if (isStuck || state.progress.step >= state.progress.planned) break;
        throwIfAborted(context.signal);
        state = await this.#step(state);
        if (state.skippedInRow >= SKIPPED_IN_ROW) {
          state = await this.#rollBack(state, skippedReason(state.skipped.slice(-SKIPPED_IN_ROW)));
        } else if (clock() - savedAt >= settings.checkpointSeconds) {
          await checkpoints.save(parameters, this.#asOfNow(state));
          savedAt = clock();
        }
      }
    } catch (error) {
      if (context.signal?.aborted !== true) throw error;
      await checkpoints.save(parameters, this.#asOfNow(state));
      throw new StageError("E_INTERRUPTED", `Interrupted after step ${state.progress.step}.`, {
        hint: "The next run with the same inputs and options goes on from there.",
        cause: error,
      });
    }
    await checkpoints.restoreValues(parameters, "best");
    if (state.best.step === 0) {
      context.onNotice?.(
        "Training did not lower the validation loss: the weights are those it began with.",
      );
    }
    const test = dataset.test.length > 0 ? await this.#evaluation(dataset.test, state) : null;
    const isCut = state.progress.step < this.#budget.limits.steps;
    return {
      state: this.#asOfNow(state),
      stopReason: isStuck ? "early_stopping" : isCut ? "time_budget" : "completed",
      test: test && { ...test, step: state.best.step, epoch: state.best.epoch },
    };
  }

  /** Takes the last checkpoint up, or measures and plans a new training. */
  async #begin(): Promise<TrainingState> {
    const { checkpoints, engine, context, settings, dataset, recorder } = this.#parts;
    const { parameters } = engine.model;
    const restored = await checkpoints.restore(parameters, context.onNotice);
    await recorder.begin(restored?.progress.step ?? 0, restored?.recording);
    if (restored) {
      this.#earlierSeconds = restored.elapsedSeconds;
      this.#budget.recordStep(restored.trainingSeconds / Math.max(1, restored.progress.step));
      this.#budget.evaluationSeconds = restored.evaluationSeconds;
      context.onNotice?.(
        `Going on from the checkpoint after step ${restored.progress.step} of ${restored.progress.planned}.`,
      );
      return restored;
    }
    const { validationCount, evaluationSeconds, before } = await measureFirst(
      this.#parts,
      this.#batches,
      this.#budget,
      this.#timer,
    );
    const state: TrainingState = {
      progress: this.#budget.start(this.#elapsed()),
      sequencesSeen: 0,
      tokensSeen: 0,
      elapsedSeconds: 0,
      trainingSeconds: 0,
      evaluationSeconds,
      validationCount,
      moment: 0,
      before,
      best: before,
      history: [],
      lossHistory: emptyLossHistory(),
      skipped: [],
      skippedInRow: 0,
      rollbacks: [],
      rateFactor: 1,
      recording: recorder.recording,
    };
    await checkpoints.saveBest(parameters, before);
    await checkpoints.saveGood(parameters, this.#asOfNow(state));
    context.onNotice?.(announcement(state.progress.planned, settings, engine, dataset));
    return state;
  }

  async #step(state: TrainingState): Promise<TrainingState> {
    const { engine, settings } = this.#parts;
    const { peakLearningRate, schedule, seed, batchSize, optimizer } = settings;
    const { progress, lossHistory, sequencesSeen } = state;
    const sequences = await this.#batches.read(sequencesSeen, batchSize);
    const order = {
      number: lossHistory.step.length + 1,
      learningRate: state.rateFactor * learningRate(peakLearningRate, progress, schedule),
      seeds: [seed, progress.step + 1],
      judge: (measure: StepMeasure) =>
        faultOf(
          measure,
          stepsOf(lossHistory, GUARD_WINDOW),
          optimizer.maxGradientNorm,
          progress.share >= progress.warmUpShare,
        ),
    };
    const { result, seconds } = await this.#timer.time(() => trainStep(engine, sequences, order));
    this.#budget.recordStep(seconds);
    const tokens = tokensOf(sequences);
    const next: TrainingState = {
      ...state,
      progress: this.#budget.next(progress, this.#elapsed()),
      sequencesSeen: sequencesSeen + batchSize,
      tokensSeen: state.tokensSeen + tokens,
      trainingSeconds: state.trainingSeconds + seconds,
      skippedInRow: result.fault ? state.skippedInRow + 1 : 0,
    };
    if (result.fault) {
      const names = this.#batches.names(sequencesSeen, batchSize);
      this.#log.skipped(state, result, result.fault, names);
    } else this.#log.taken(state, result, { rate: order.learningRate, tokens, seconds });
    this.#log.progress(next, tokens / this.#budget.stepSeconds);
    return next;
  }

  /**
   * Goes back to the last good measurement, to go on from there with smaller steps, and with the
   * sequences after those that it failed on, as PaLM's training did.
   */
  async #rollBack(state: TrainingState, reason: string): Promise<TrainingState> {
    const { checkpoints, engine, context } = this.#parts;
    const { skipped, rollbacks, progress } = state;
    const rateFactor = ROLLBACK_RATE * state.rateFactor;
    if (rollbacks.length >= MAX_ROLLBACKS) {
      throw new StageError(
        "E_DIVERGED",
        `The training diverged at step ${progress.step}: ${reason}, also after ${MAX_ROLLBACKS} returns to an earlier state with smaller steps.`,
        {
          hint: "Choose a lower --learning-rate, and look at the sequences that are named. The last good checkpoint is kept.",
        },
      );
    }
    const earlier = await checkpoints.restoreGood(engine.model.parameters);
    context.onNotice?.(
      `Going back from step ${progress.step} to step ${earlier.progress.step}, and on with ${rateFactor} of the learning rate: ${reason}.`,
    );
    await this.#log.goBack(earlier);
    const rollback = {
      from_step: progress.step,
      to_step: earlier.progress.step,
      rate_factor: rateFactor,
    };
    const { sequencesSeen, tokensSeen, trainingSeconds } = state;
    return {
      ...earlier,
      sequencesSeen,
      tokensSeen,
      trainingSeconds,
      skipped,
      skippedInRow: 0,
      rollbacks: [...rollbacks, rollback],
      rateFactor,
    };
  }

  /** Measures the validation split, and keeps the state, and the weights if they are the best. */
  async #measure(state: TrainingState): Promise<TrainingState> {
    const { dataset, engine, checkpoints, recorder } = this.#parts;
    const { parameters } = engine.model;
    const evaluation = await this.#evaluation(dataset.validation, state);
    if (!Number.isFinite(evaluation.loss)) {
      return this.#rollBack(state, `the validation loss is ${evaluation.loss}`);
    }
    await recorder.onEvaluation(evaluation);
    const isBest = evaluation.loss < state.best.loss;
    if (isBest) await checkpoints.saveBest(parameters, evaluation);
    const measured = {
      ...state,
      moment: this.#dueIn(state),
      best: isBest ? evaluation : state.best,
      history: [...state.history, evaluation],
    };
    const isGood = evaluation.loss < measured.best.loss + WORSE_LOSS;
    if (isGood) await checkpoints.saveGood(parameters, this.#asOfNow(measured));
    else await checkpoints.save(parameters, this.#asOfNow(measured));
    return measured;
  }

  async #evaluation(split: TokenSplit, state: TrainingState): Promise<Evaluation> {
    const { engine, context, settings } = this.#parts;
    const indices = evenlySpaced(split.length, state.validationCount, settings.seed);
    const quality = await evaluate(engine, split, indices, context.signal);
    const epoch = this.#batches.epochs(state.sequencesSeen);
    return { step: state.progress.step, epoch, ...quality };
  }

  /** Whether the last measurements brought nothing. */
  #isStuck({ before, history }: TrainingState): boolean {
    const { patience, minGain } = this.#parts.settings;
    const losses = [before, ...history].map(({ loss }) => loss);
    return patience > 0 && measurementsWithoutProgress(losses, minGain) >= patience;
  }

  #dueIn({ progress, sequencesSeen }: TrainingState): number {
    return measurementsDue(this.#measurements, progress, this.#batches.epochs(sequencesSeen));
  }

  #elapsed(): number {
    return this.#earlierSeconds + this.#parts.clock();
  }

  /** With what changes by the clock. */
  #asOfNow(state: TrainingState): TrainingState {
    const { recording } = this.#parts.recorder;
    return { ...state, elapsedSeconds: this.#elapsed(), recording };
  }
}
