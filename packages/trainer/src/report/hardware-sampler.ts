import { cpus } from "node:os";
import { availableMemory, memoryUsage } from "node:process";
import type { HardwareReport, HardwareSample } from "@repotune/schema";
import { findGpuProbe, type GpuProbe } from "./gpu-reading.ts";

/** Time between two samples, */
const INTERVAL_SECONDS = 10;
/** which doubles whenever there are so many: reports stay small however long a training takes. */
const MAX_SAMPLES = 2_000;

/** Where a sampler takes its measurements from, and how often. */
export interface SamplerOptions {
  /** Seconds of the training so far. */
  clock: () => number;
  /** What an interrupted training had measured. */
  earlier?: HardwareReport | undefined;
  /** Called with each sample. */
  onSample?: ((sample: HardwareSample) => void) | undefined;
  /** @default 10 */
  intervalSeconds?: number;
  /** @default 2000 */
  maxSamples?: number;
  /** @default what this machine has */
  gpuProbe?: GpuProbe;
}

/**
 * Measures load and memory of processors and GPUs now and then. It neither throws nor keeps the
 * process alive: what cannot be read is left out.
 */
export class HardwareSampler {
  readonly #options: SamplerOptions;
  #samples: HardwareSample[];
  #peaks: HardwareReport["peaks"];
  #intervalSeconds: number;
  #probe: GpuProbe | undefined;
  #timer: NodeJS.Timeout | undefined;
  #processorTimes = processorTimes();
  #isReading = false;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#probe = options.gpuProbe;
    this.#intervalSeconds =
      options.earlier?.interval_seconds ?? options.intervalSeconds ?? INTERVAL_SECONDS;
    this.#samples = [...(options.earlier?.samples ?? [])];
    this.#peaks = options.earlier?.peaks ?? {
      cpu_load: 0,
      resident_bytes: 0,
      gpu_memory_bytes: null,
      gpu_load: null,
      gpu_temperature_celsius: null,
    };
  }

  /** Everything measured so far. */
  get report(): HardwareReport {
    const { rss } = memoryUsage();
    const resident_bytes = Math.max(this.#peaks.resident_bytes, rss);
    return {
      interval_seconds: this.#intervalSeconds,
      samples: [...this.#samples],
      peaks: { ...this.#peaks, resident_bytes },
    };
  }

  /** Measures from now on. */
  start(): void {
    this.stop();
    this.#timer = setInterval(() => void this.sample(), 1000 * this.#intervalSeconds).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Measures once. */
  async sample(): Promise<void> {
    if (this.#isReading) return; // The driver takes longer than the interval.
    this.#isReading = true;
    try {
      this.#probe ??= await findGpuProbe();
      const gpus = await this.#probe();
      const sample = { seconds: this.#options.clock(), ...this.#readHost(), gpus };
      this.#keep(sample);
      this.#options.onSample?.(sample);
    } catch {
      // A figure less: nothing that a training should end for.
    } finally {
      this.#isReading = false;
    }
  }

  #readHost() {
    const times = processorTimes();
    const total = times.total - this.#processorTimes.total;
    const idle = times.idle - this.#processorTimes.idle;
    this.#processorTimes = times;
    return {
      cpu_load: total > 0 ? 1 - idle / total : 0,
      resident_bytes: memoryUsage().rss,
      free_memory_bytes: availableMemory(),
    };
  }

  #keep(sample: HardwareSample): void {
    this.#samples.push(sample);
    const { gpus, cpu_load, resident_bytes } = sample;
    const peaks = this.#peaks;
    this.#peaks = {
      cpu_load: Math.max(peaks.cpu_load, cpu_load),
      resident_bytes: Math.max(peaks.resident_bytes, resident_bytes),
      gpu_memory_bytes: largest(
        peaks.gpu_memory_bytes,
        gpus.map((gpu) => gpu.used_memory_bytes),
      ),
      gpu_load: largest(
        peaks.gpu_load,
        gpus.map((gpu) => gpu.load),
      ),
      gpu_temperature_celsius: largest(
        peaks.gpu_temperature_celsius,
        gpus.map((gpu) => gpu.temperature_celsius),
      ),
    };
    if (this.#samples.length < (this.#options.maxSamples ?? MAX_SAMPLES)) return;
    this.#samples = this.#samples.filter((_, i) => i % 2 === 1);
    this.#intervalSeconds *= 2;
    if (this.#timer) this.start();
  }
}

/** The largest of the values that are known. */
function largest(before: number | null, values: readonly (number | null)[]): number | null {
  const known = [before, ...values].filter((value) => value !== null);
  return known.length > 0 ? Math.max(...known) : null;
}

/** Milliseconds of all processors since the machine was started. */
function processorTimes(): { total: number; idle: number } {
  let total = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    total += Object.values(times).reduce((sum, time) => sum + time, 0);
    idle += times.idle;
  }
  return { total, idle };
}
