import { StageError } from "@repotune/schema";
import { adviceText, adviseOn, type DeviceAdvice } from "./device-advice.ts";
import { chooseDevice, type DeviceInfo, interfaceOf } from "./device-choice.ts";
import { findGpus } from "./gpu-detection.ts";
import { MemoryLedger } from "./memory-ledger.ts";
import { native } from "./native/load.ts";

/** By number in `enum ggml_backend_dev_type` (ggml-backend.h). */
const kinds: readonly DeviceInfo["kind"][] = ["cpu", "gpu", "integrated-gpu", "accelerator"];

/**
 * Devices of this machine that the installed builds of llama.cpp support. Of several builds for GPUs,
 * the first that has a device is taken: CUDA 13, CUDA 12, then Vulkan.
 *
 * @throws {StageError} `E_UNSUPPORTED` if no usable build is installed.
 */
export const listDevices = (): DeviceInfo[] => handles().map(describe);

/**
 * What is missing for the GPUs of this machine that are not among its devices; empty if nothing is.
 *
 * @throws {StageError} as {@link listDevices}.
 */
export const deviceAdvice = (): DeviceAdvice[] =>
  adviseOn({ gpus: findGpus(), builds: native().gpuBuilds.all, devices: listDevices() });

function handles(): bigint[] {
  const { ggml_backend_dev_count, ggml_backend_dev_get } = native();
  return Array.from(
    { length: ggml_backend_dev_count() },
    (_, i) => ggml_backend_dev_get(i) as bigint,
  );
}

function describe(handle: bigint): DeviceInfo {
  const lib = native();
  const free = new BigUint64Array(1);
  const total = new BigUint64Array(1);
  lib.ggml_backend_dev_memory(handle, free, total);
  const backend = lib.ggml_backend_reg_name(lib.ggml_backend_dev_backend_reg(handle));
  return {
    name: lib.ggml_backend_dev_name(handle),
    description: lib.ggml_backend_dev_description(handle).trim(),
    kind: kinds[lib.ggml_backend_dev_type(handle)] ?? "accelerator",
    backend: backend === "MTL" ? "metal" : backend.toLowerCase(),
    freeMemory: Number(free[0]),
    totalMemory: Number(total[0]),
  };
}

/** An opened device. */
export class Device {
  readonly info: DeviceInfo;
  /** `ggml_backend_dev_t` */
  readonly handle: bigint;
  /** `ggml_backend_t` */
  readonly backend: bigint;
  /** Whether it only measures; see {@link Device.openDry}. */
  readonly isDry: boolean;
  /** What tensors and graphs have reserved here. */
  readonly memory = new MemoryLedger();
  #threads = 0;
  #isDisposed = false;

  private constructor(info: DeviceInfo, handle: bigint, backend: bigint, isDry: boolean) {
    this.info = info;
    this.handle = handle;
    this.backend = backend;
    this.isDry = isDry;
  }

  /** Threads that a CPU computes with. */
  get threads(): number {
    return this.#threads;
  }

  /** Sets the threads that a CPU computes with, from the next graph on; a GPU has none. */
  setThreads(threads: number): void {
    this.#threads = threads;
    const lib = native();
    const registry = lib.ggml_backend_dev_backend_reg(this.handle);
    const set = lib.ggml_backend_reg_get_proc_address(registry, "ggml_backend_set_n_threads");
    if (set !== null) lib.call(set, "ggml_backend_set_n_threads_t", this.backend, threads);
  }

  /**
   * Opens a device.
   *
   * @param choice `auto`, `cpu`, `gpu`, `cuda`, `vulkan`, `metal` or a name that {@link listDevices}
   *   gives, in any case; see {@link chooseDevice}. A build for GPUs that was not needed so far is
   *   loaded if it is asked for.
   * @param threads of a CPU. ggml's threads wait for one another actively: more of them than free
   *   cores makes everything many times slower.
   * @throws {StageError} `E_UNSUPPORTED` if there is no such device; the hint says what is missing.
   */
  static open(choice: string, threads: number): Device {
    return Device.#open(choice, threads);
  }

  /**
   * Opens a device that only measures: tensors and graphs reserve nothing on it, writing to them and
   * running them does nothing, and reading leaves everything as it is. What {@link Device.memory}
   * then says is, to the byte, what the same code reserves on the device itself.
   *
   * @param choice as of {@link Device.open}.
   * @param as what it says of itself instead: another kind and free memory, to plan for a device that
   *   is not there. Operators and alignment stay those of the device that stands in for it.
   * @throws {StageError} as {@link Device.open}.
   */
  static openDry(choice: string, threads: number, as: Partial<DeviceInfo> = {}): Device {
    return Device.#open(choice, threads, as);
  }

  static #open(choice: string, threads: number, dryAs?: Partial<DeviceInfo>): Device {
    const gpu = interfaceOf(choice);
    if (gpu) native().gpuBuilds.loadFirstUsable(gpu);
    const known = new Map(handles().map((handle) => [describe(handle), handle]));
    const info = chooseDevice([...known.keys()], choice);
    const handle = info && known.get(info);
    if (!info || !handle) throw noSuchDevice(choice, [...known.keys()]);
    const lib = native();
    const backend = lib.ggml_backend_dev_init(handle, null);
    if (backend === null) {
      throw new StageError("E_UNSUPPORTED", `The device ${info.name} cannot be opened.`);
    }
    const device = new Device({ ...info, ...dryAs }, handle, backend, dryAs !== undefined);
    device.setThreads(threads);
    return device;
  }

  /** Closes the device. Dispose of its allocations and graphs first. */
  dispose(): void {
    if (!this.#isDisposed) native().ggml_backend_free(this.backend);
    this.#isDisposed = true;
  }
}

function noSuchDevice(choice: string, known: readonly DeviceInfo[]): StageError {
  const gpu = interfaceOf(choice);
  const hints = [`This machine has: ${known.map(({ name }) => name).join(", ") || "none"}.`];
  if (gpu || choice.toLowerCase() === "gpu") {
    const advice = deviceAdvice().map(adviceText);
    const builds = native().gpuBuilds.all.filter(
      (build) => build.reason && build.gpu === (gpu ?? build.gpu),
    );
    const reasons = builds.map(({ name, reason }) => `${name} says "${reason}".`);
    hints.push(...(advice.length > 0 ? advice : reasons));
  }
  return new StageError("E_UNSUPPORTED", `There is no device "${choice}".`, {
    hint: hints.join(" "),
  });
}
