import type { Device } from "@repotune/ggml";
import type { Settings } from "../settings.ts";
import { ThreadTuner } from "./thread-tuner.ts";

/** Times steps, with the threads that are to be tried or were found to be best. */
export class StepTimer {
  readonly #device: Device;
  readonly #clock: () => number;
  readonly #tuner: ThreadTuner;
  readonly #tunes: boolean;

  constructor(
    device: Device,
    { tunesThreads, threads }: Pick<Settings, "tunesThreads" | "threads">,
    clock: () => number,
  ) {
    this.#device = device;
    this.#clock = clock;
    this.#tunes = tunesThreads;
    this.#tuner = new ThreadTuner(tunesThreads ? threads : 1);
  }

  async time<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
    const began = this.#clock();
    if (this.#tunes) this.#device.setThreads(this.#tuner.next(began));
    const result = await work();
    const seconds = this.#clock() - began;
    this.#tuner.record(seconds, this.#clock());
    if (this.#tunes) this.#device.setThreads(this.#tuner.next(this.#clock()));
    return { result, seconds };
  }
}
