/** First pause between two trials; it doubles whenever a trial confirms the choice, */
const PAUSE_SECONDS = 60;
/** up to this. */
const LONGEST_PAUSE_SECONDS = 300;
/** A step this many times slower than in the last trial calls for another, */
const SUSPICIOUS_FACTOR = 2;
/** but not sooner than this after it. */
const SHORTEST_PAUSE_SECONDS = 10;

/**
 * Finds out how many threads are fastest, by timing real steps with different numbers of them.
 *
 * ggml's threads wait for one another actively: where other programs use some of the cores, too
 * many threads are not a little slower but ten times. The number of threads changes no result.
 */
export class ThreadTuner {
  readonly #most: number;
  #current: number;
  #pause = PAUSE_SECONDS;
  #nextTrial = 0;
  #lastTrial = 0;
  /** Seconds that a step took in the last trial. */
  #expected = Number.POSITIVE_INFINITY;
  /** Numbers still to be timed in this trial, and what was timed. */
  #toTry: number[] = [];
  #timed: { threads: number; seconds: number }[] = [];

  /** @param most threads to use at most; 1 leaves nothing to find out. */
  constructor(most: number) {
    this.#most = most;
    this.#current = most;
  }

  /** Threads for the next step, at second `now`. */
  next(now: number): number {
    if (this.#toTry.length === 0 && now >= this.#nextTrial) this.#toTry = this.#candidates();
    return this.#toTry[0] ?? this.#current;
  }

  /** Takes note of a step with the number of threads that {@link ThreadTuner.next} gave. */
  record(seconds: number, now: number): void {
    const threads = this.#toTry.shift();
    if (threads === undefined) {
      const isSlow = seconds > SUSPICIOUS_FACTOR * this.#expected;
      if (isSlow && now > this.#lastTrial + SHORTEST_PAUSE_SECONDS) this.#nextTrial = now;
      return;
    }
    this.#timed.push({ threads, seconds });
    if (this.#toTry.length > 0) return;
    const fastest = this.#timed.reduce((best, trial) =>
      trial.seconds < best.seconds ? trial : best,
    );
    const isConfirmed = fastest.threads === this.#current;
    this.#pause = isConfirmed ? Math.min(2 * this.#pause, LONGEST_PAUSE_SECONDS) : PAUSE_SECONDS;
    this.#current = fastest.threads;
    this.#expected = fastest.seconds;
    this.#lastTrial = now;
    this.#nextTrial = now + this.#pause;
    this.#timed = [];
  }

  /** The current number, half and double: a trial costs little, and the next one goes further. */
  #candidates(): number[] {
    const half = Math.max(1, Math.floor(this.#current / 2));
    const double = Math.min(this.#most, 2 * this.#current);
    const all = new Set([half, this.#current, double]);
    return all.size > 1 ? [...all] : [];
  }
}
