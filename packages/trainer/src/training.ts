import {
  type Evaluation,
  type SkippedStep,
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
import { announcement } from "./plan/announcement.ts";
import { Budget } from "./plan/budget.ts";
import { measurementsWithoutProgress } from "./plan/early-stopping.ts";
import { faultOf, type StepMeasure } from "./plan/guard.ts";
import { type MeasurementPlan, measurementsDue } from "./plan/measurements.ts";
import { learningRate } from "./plan/schedule.ts";
import { StepTimer } from "./plan/step-timer.ts";
import type { Recorder } from "./report/recorder.ts";
import type { Settings } from "./settings.ts";
import { addBatchGradients, type StepResult, trainStep } from "./training-step.ts";

/** After so many skipped steps in a row, training goes back to the last good measurement, */
const SKIPPED_IN_ROW = 5;
/** with learning rates multiplied by this, */
const ROLLBACK_RATE = 0.5;
/** but not more often than this. */
const MAX_ROLLBACKS = 3;
/** A measurement is good if its loss is less than this above the lowest, nats a token. */
const WORSE_LOSS = 1;
/** Weight of the newest step in the loss that is shown. */
const SHOWN_SHARE = 0.05;

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
  /** Seconds of work before this program was started. */
  #earlierSeconds = 0;
  #shownLoss: number | undefined;

  constructor(parts: TrainingParts) {
    const { settings, dataset, replay, engine, clock } = parts;
    const { seed, batchSize, evaluateEvery } = settings;
    this.#parts = parts;
    const old = replay && { split: replay, share: settings.replay };
    this.#batches = new Batches(dataset.train, seed, old);
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
    const { validationCount, evaluationSeconds, before } = await this.#measureSpeed();
    this.#budget.evaluationSeconds = evaluationSeconds;
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
      lossHistory: [],
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

  /** How long a step and an evaluation take; the evaluation is that of the untrained model. */
  async #measureSpeed() {
    const { dataset, engine, settings, context, clock, recorder } = this.#parts;
    const sequences = await this.#batches.read(0, settings.batchSize);
    await addBatchGradients(engine, sequences.slice(0, engine.shape.sequences)); // fills caches
    const timings: number[] = [];
    // Twice where threads are tuned: with all of them, and with half.
    for (let i = 0; i < (settings.tunesThreads ? 2 : 1); i++) {
      timings.push((await this.#timer.time(() => addBatchGradients(engine, sequences))).seconds);
    }
    this.#budget.recordStep(Math.min(...timings));
    engine.model.parameters.clearGradients();

    const wanted = Math.ceil(settings.validationTokens / settings.sequenceLength);
    // A forward pass is about a third of a step.
    const seconds = this.#budget.stepSeconds / settings.batchSize / 3;
    const validationCount = this.#budget.evaluationSequences(wanted, seconds);
    const evaluated = clock();
    const { validation } = dataset;
    const indices = evenlySpaced(validation.length, validationCount, settings.seed);
    const quality = await evaluate(engine, validation, indices, context.signal);
    if (!Number.isFinite(quality.loss)) {
      throw new StageError("E_DIVERGED", `Before any training, the loss is ${quality.loss}.`);
    }
    const before = { step: 0, epoch: 0, ...quality };
    await recorder.onEvaluation(before);
    return { validationCount, evaluationSeconds: clock() - evaluated, before };
  }

  async #step(state: TrainingState): Promise<TrainingState> {
    const { engine, settings } = this.#parts;
    const { peakLearningRate, schedule, seed, batchSize, optimizer } = settings;
    const { progress, lossHistory, sequencesSeen } = state;
    const sequences = await this.#batches.read(sequencesSeen, batchSize);
    const order = {
      number: lossHistory.length + 1,
      learningRate: state.rateFactor * learningRate(peakLearningRate, progress, schedule),
      seeds: [seed, progress.step + 1],
      judge: (measure: StepMeasure) =>
        faultOf(
          measure,
          lossHistory,
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
    if (result.fault) this.#recordSkipped(state, result);
    else this.#recordTaken(state, result, order.learningRate, tokens, seconds);
    this.#report(next, tokens / this.#budget.stepSeconds);
    return next;
  }

  #recordTaken(
    { progress, lossHistory }: TrainingState,
    { loss, gradientNorm }: StepResult,
    rate: number,
    tokens: number,
    seconds: number,
  ): void {
    const recorded = {
      step: progress.step + 1,
      loss,
      learning_rate: rate,
      gradient_norm: gradientNorm,
      tokens,
    };
    lossHistory.push(recorded);
    this.#parts.recorder.onStep(recorded, tokens / seconds);
    this.#shownLoss = (1 - SHOWN_SHARE) * (this.#shownLoss ?? loss) + SHOWN_SHARE * loss;
  }

  #recordSkipped(
    { progress, sequencesSeen, skipped }: TrainingState,
    { loss, gradientNorm, fault }: StepResult,
  ): void {
    const { settings, context } = this.#parts;
    const step = progress.step + 1;
    const sequences = this.#batches.names(sequencesSeen, settings.batchSize);
    const orNull = (value: number) => (Number.isFinite(value) ? value : null);
    skipped.push({
      step,
      reason: fault ?? "not_finite",
      loss: orNull(loss),
      gradient_norm: orNull(gradientNorm),
      sequences,
    });
    context.onNotice?.(
      `Step ${step} is skipped: its loss is ${loss.toPrecision(4)}, the norm of its gradient ${gradientNorm.toPrecision(4)}. Its sequences: ${listed(sequences)}.`,
    );
  }

  /**
   * Goes back to the last good measurement, to go on from there with smaller steps, and with the
   * sequences after those that it failed on, as PaLM's training did.
   */
  async #rollBack(state: TrainingState, reason: string): Promise<TrainingState> {
    const { checkpoints, engine, context, recorder } = this.#parts;
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
    await recorder.close();
    await recorder.begin(earlier.progress.step, earlier.recording);
    this.#shownLoss = undefined;
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

  #report(state: TrainingState, tokensPerSecond: number): void {
    const { context } = this.#parts;
    const measured = state.history.at(-1) ?? state.before;
    context.onProgress?.({
      stage: "trainer",
      done: state.progress.step,
      total: state.progress.planned,
      unit: "steps",
      detail: {
        ...(this.#shownLoss !== undefined && { loss: Number(this.#shownLoss.toFixed(3)) }),
        "validation bits/byte": Number(measured.bits_per_byte.toFixed(3)),
        "tokens/s": Math.round(tokensPerSecond),
      },
    });
  }
}

/** Why steps were skipped, and what they were taken on. */
function skippedReason(skipped: readonly SkippedStep[]): string {
  const reasons = {
    not_finite: "loss or gradient is not finite",
    loss_spike: "loss is a spike",
    gradient_spike: "gradient is a spike",
  };
  const last = skipped.at(-1)?.reason ?? "not_finite";
  const names = skipped.flatMap(({ sequences }) => sequences);
  return `${skipped.length} steps in a row were skipped, the last because its ${reasons[last]} (${listed(names)})`;
}

/** A few of them, and how many more there are. */
function listed(names: readonly string[]): string {
  const [shown, more] = [names.slice(0, 8), names.length - 8];
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
