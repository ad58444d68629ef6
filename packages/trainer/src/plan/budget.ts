import { advance, type Progress, startProgress } from "./schedule.ts";

/** The plan follows the clock at every so many steps. */
const REPLAN_STEPS = 10;
/** Writing the result takes about this long. */
const WRITING_SECONDS = 3;
/** Evaluations together may take this share of the time. */
const EVALUATION_SHARE = 0.1;

/** What limits the number of steps. */
export interface Limits {
  /** Steps that the epochs, or the exact number asked for, allow. */
  steps: number;
  /** Seconds for everything. */
  seconds: number;
}

/** Lays a training out so that it ends in time, and corrects the plan as steps take their time. */
export class Budget {
  readonly limits: Limits;
  /** Seconds of one evaluation, as measured. */
  evaluationSeconds = 0;
  readonly #evaluations: number;
  readonly #evaluateEvery: number;
  #stepSeconds = 0;

  /**
   * @param evaluations measurements to come, the last one on the test split among them.
   * @param evaluateEvery steps from one to the next of further ones, or 0.
   */
  constructor(limits: Limits, evaluations: number, evaluateEvery = 0) {
    this.limits = limits;
    this.#evaluations = evaluations;
    this.#evaluateEvery = evaluateEvery;
  }

  get isTimed(): boolean {
    return Number.isFinite(this.limits.seconds);
  }

  /** Seconds of a step, as a moving average. */
  get stepSeconds(): number {
    return this.#stepSeconds;
  }

  /** How many of `count` sequences one evaluation may take, at `seconds` for each. */
  evaluationSequences(count: number, seconds: number): number {
    if (!this.isTimed) return count;
    const allowed = (EVALUATION_SHARE * this.limits.seconds) / (this.#evaluations + 1) / seconds;
    return Math.max(1, Math.min(count, Math.floor(allowed)));
  }

  /** Takes note of how long a step took. */
  recordStep(seconds: number): void {
    const isFirst = this.#stepSeconds === 0;
    this.#stepSeconds = isFirst ? seconds : 0.95 * this.#stepSeconds + 0.05 * seconds;
  }

  /** The plan at the beginning, after one step was measured. */
  start(elapsedSeconds: number): Progress {
    return startProgress(this.#fitting(0, elapsedSeconds, 0));
  }

  /** One step further, with the plan corrected by the clock where time is limited. */
  next(progress: Progress, elapsedSeconds: number): Progress {
    const after = advance(progress);
    if (!this.isTimed || after.step % REPLAN_STEPS !== 0) return after;
    const planned = this.#fitting(after.step, elapsedSeconds, after.share);
    return { ...after, planned: Math.max(after.step, planned) };
  }

  #fitting(step: number, elapsedSeconds: number, share: number): number {
    const { steps, seconds } = this.limits;
    if (!this.isTimed) return Math.max(1, steps);
    const evaluations = Math.ceil(this.#evaluations * (1 - share));
    const reserved = evaluations * this.evaluationSeconds + WRITING_SECONDS;
    const left = Math.max(0, seconds - elapsedSeconds - reserved);
    const extra = this.#evaluateEvery > 0 ? this.evaluationSeconds / this.#evaluateEvery : 0;
    return Math.max(1, Math.min(steps, step + Math.floor(left / (this.#stepSeconds + extra))));
  }
}
