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
import { announcement } from "./plan/announcement.ts";
import { Budget } from "./plan/budget.ts";
import { learningRate } from "./plan/schedule.ts";
import { ThreadTuner } from "./plan/thread-tuner.ts";
import type { Recorder } from "./report/recorder.ts";
import type { Settings } from "./settings.ts";
import { addBatchGradients, trainStep } from "./training-step.ts";

/** A crash costs at most this much work. */
const CHECKPOINT_SECONDS = 60;
/** Weight of the newest step in the loss that is shown. */
const SHOWN_SHARE = 0.05;

/** What a training is made of. */
export interface TrainingParts {
  /** Identity of inputs and options; only checkpoints of the same are taken up. */
  key: string;
  dataset: TokenDataset;
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
  /** Measurements of the validation split on the way. */
  readonly #measurements: number;
  /** Seconds of work before this program was started. */
  #earlierSeconds = 0;
  readonly #threads: ThreadTuner;
  #shownLoss: number | undefined;

  constructor(parts: TrainingParts) {
    const { settings, dataset } = parts;
    this.#parts = parts;
    this.#batches = new Batches(dataset.train, settings.seed);
    this.#threads = new ThreadTuner(settings.tunesThreads ? settings.threads : 1);
    const stepsPerEpoch = dataset.train.length / settings.batchSize;
    const steps = settings.steps || Math.max(1, Math.round(settings.epochs * stepsPerEpoch));
    const isTimed = Number.isFinite(settings.maxSeconds);
    // Where time is short, the epochs that are allowed say nothing about those that will be.
    const epochs = isTimed ? 0 : Math.ceil(steps / stepsPerEpoch);
    this.#measurements = Math.max(settings.evaluations, epochs);
    // Besides these, one comes before the training and one, on the test split, after it.
    this.#budget = new Budget({ steps, seconds: settings.maxSeconds }, this.#measurements + 1);
  }

  /**
   * Trains. Afterwards the engine's model has the weights with the lowest validation loss.
   *
   * @throws {StageError} `E_INTERRUPTED`, with a checkpoint written; `E_USAGE` if it diverges.
   */
  async run(): Promise<TrainingOutcome> {
    const { checkpoints, engine, dataset, context } = this.#parts;
    const { parameters } = engine.model;
    let state = await this.#begin();
    let stopReason: TrainingReport["stop_reason"] | undefined;
    let savedAt = this.#parts.clock();
    const save = async () => {
      await checkpoints.save(parameters, this.#asOfNow(state));
      savedAt = this.#parts.clock();
    };
    try {
      for (;;) {
        if (this.#momentOf(state) > state.moment) {
          state = await this.#measure(state);
          await save();
          if (this.#isStuck(state)) stopReason = "early_stopping";
        }
        if (stopReason || state.progress.step >= state.progress.planned) break;
        throwIfAborted(context.signal);
        state = await this.#step(state);
        if (this.#parts.clock() - savedAt > CHECKPOINT_SECONDS) await save();
      }
    } catch (error) {
      if (context.signal?.aborted !== true) throw error;
      await save();
      throw new StageError("E_INTERRUPTED", `Interrupted after step ${state.progress.step}.`, {
        hint: "The next run with the same inputs and options goes on from there.",
        cause: error,
      });
    }
    await checkpoints.restoreBest(parameters);
    if (state.best.step === 0) {
      context.onNotice?.(
        "Training did not lower the validation loss: the weights are those it began with.",
      );
    }
    const test = dataset.test.length > 0 ? await this.#evaluation(dataset.test, state) : null;
    const isCut = state.progress.step < this.#budget.limits.steps;
    return {
      state: this.#asOfNow(state),
      stopReason: stopReason ?? (isCut ? "time_budget" : "completed"),
      test: test && { ...test, step: state.best.step, epoch: state.best.epoch },
    };
  }

  /** Takes the last checkpoint up, or measures and plans a new training. */
  async #begin(): Promise<TrainingState> {
    const { checkpoints, engine, key, context, settings, dataset, recorder } = this.#parts;
    const { parameters } = engine.model;
    const restored = await checkpoints.restore(parameters, key);
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
      key,
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
      recording: recorder.recording,
    };
    await checkpoints.saveBest(parameters);
    context.onNotice?.(announcement(state.progress.planned, settings, engine, dataset));
    return state;
  }

  /** How long a step and an evaluation take; the evaluation is that of the untrained model. */
  async #measureSpeed() {
    const { dataset, engine, settings, context, clock, recorder } = this.#parts;
    const sequences = await this.#batches.read(0, settings.batchSize);
    await addBatchGradients(engine, sequences.slice(0, settings.microBatchSize)); // fills caches
    const timings: number[] = [];
    // Twice where threads are tuned: with all of them, and with half.
    for (let i = 0; i < (settings.tunesThreads ? 2 : 1); i++) {
      timings.push((await this.#timed(() => addBatchGradients(engine, sequences))).seconds);
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
    const before = { step: 0, epoch: 0, ...quality };
    await recorder.onEvaluation(before);
    return { validationCount, evaluationSeconds: clock() - evaluated, before };
  }

  async #step(state: TrainingState): Promise<TrainingState> {
    const { engine, settings, recorder } = this.#parts;
    const sequences = await this.#batches.read(state.sequencesSeen, settings.batchSize);
    const rate = learningRate(settings.peakLearningRate, state.progress);
    const step = state.progress.step + 1;
    const { result, seconds } = await this.#timed(() => trainStep(engine, sequences, step, rate));
    const { loss, gradientNorm } = result;
    this.#budget.recordStep(seconds);
    const tokens = tokensOf(sequences);
    const recorded = {
      step,
      loss,
      learning_rate: rate,
      gradient_norm: gradientNorm,
      tokens,
    };
    state.lossHistory.push(recorded);
    recorder.onStep(recorded, tokens / seconds);
    const next: TrainingState = {
      ...state,
      progress: this.#budget.next(state.progress, this.#elapsed()),
      sequencesSeen: state.sequencesSeen + settings.batchSize,
      tokensSeen: state.tokensSeen + tokens,
      trainingSeconds: state.trainingSeconds + seconds,
    };
    this.#report(next, loss, tokens / this.#budget.stepSeconds);
    return next;
  }

  /** Times `work`, with the threads that are to be tried or were found to be best. */
  async #timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
    const { engine, settings, clock } = this.#parts;
    const began = clock();
    if (settings.tunesThreads) engine.model.device.setThreads(this.#threads.next(began));
    const result = await work();
    const seconds = clock() - began;
    this.#threads.record(seconds, clock());
    if (settings.tunesThreads) engine.model.device.setThreads(this.#threads.next(clock()));
    return { result, seconds };
  }

  /** Measures the validation split, and keeps the weights if they are the best so far. */
  async #measure(state: TrainingState): Promise<TrainingState> {
    const { dataset, engine, checkpoints, recorder } = this.#parts;
    const evaluation = await this.#evaluation(dataset.validation, state);
    await recorder.onEvaluation(evaluation);
    const isBest = evaluation.loss < state.best.loss;
    if (isBest) await checkpoints.saveBest(engine.model.parameters);
    return {
      ...state,
      moment: this.#momentOf(state),
      best: isBest ? evaluation : state.best,
      history: [...state.history, evaluation],
    };
  }

  async #evaluation(split: TokenSplit, state: TrainingState): Promise<Evaluation> {
    const { engine, context, settings } = this.#parts;
    const indices = evenlySpaced(split.length, state.validationCount, settings.seed);
    const quality = await evaluate(engine, split, indices, context.signal);
    return { step: state.progress.step, epoch: this.#epochs(state), ...quality };
  }

  /** Whether the last measurements brought nothing. */
  #isStuck({ history, best }: TrainingState): boolean {
    const { patience } = this.#parts.settings;
    const since = history.filter(({ step }) => step > best.step).length;
    return patience > 0 && since >= patience;
  }

  /** Which of the evenly spaced measurements was due last. */
  #momentOf({ progress }: TrainingState): number {
    return Math.floor(progress.share * this.#measurements + 1e-9); // shares are sums, not exact
  }

  #epochs({ sequencesSeen }: TrainingState): number {
    return sequencesSeen / this.#parts.dataset.train.length;
  }

  #elapsed(): number {
    return this.#earlierSeconds + this.#parts.clock();
  }

  /** With what changes by the clock. */
  #asOfNow(state: TrainingState): TrainingState {
    const { recording } = this.#parts.recorder;
    return { ...state, elapsedSeconds: this.#elapsed(), recording };
  }

  #report(state: TrainingState, loss: number, tokensPerSecond: number): void {
    const { context } = this.#parts;
    const shown = this.#shownLoss ?? loss;
    this.#shownLoss = (1 - SHOWN_SHARE) * shown + SHOWN_SHARE * loss;
    const measured = state.history.at(-1) ?? state.before;
    context.onProgress?.({
      stage: "trainer",
      done: state.progress.step,
      total: state.progress.planned,
      unit: "steps",
      detail: {
        loss: Number(this.#shownLoss.toFixed(3)),
        "validation bits/byte": Number(measured.bits_per_byte.toFixed(3)),
        "tokens/s": Math.round(tokensPerSecond),
      },
    });
  }
}
