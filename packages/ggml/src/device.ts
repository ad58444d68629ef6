import { StageError } from "@repotune/schema";
import { native } from "./native/load.ts";

/** A device that ggml can compute on. */
export interface DeviceInfo {
  /** Name to open it by, e.g. `CPU` or `CUDA0`. */
  name: string;
  /** What it is, e.g. `AMD Ryzen 7 3800X`. */
  description: string;
  kind: "cpu" | "gpu" | "integrated-gpu" | "accelerator";
  /** Bytes of memory free now. */
  freeMemory: number;
  totalMemory: number;
}

/** By number in `enum ggml_backend_dev_type` (ggml-backend.h). */
const kinds: readonly DeviceInfo["kind"][] = ["cpu", "gpu", "integrated-gpu", "accelerator"];

/**
 * Devices of this machine that the installed build of llama.cpp supports.
 *
 * @throws {StageError} `E_UNSUPPORTED` if no usable build is installed.
 */
export const listDevices = (): DeviceInfo[] => handles().map(describe);

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
  return {
    name: lib.ggml_backend_dev_name(handle),
    description: lib.ggml_backend_dev_description(handle).trim(),
    kind: kinds[lib.ggml_backend_dev_type(handle)] ?? "accelerator",
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
  #threads = 0;
  #isDisposed = false;

  private constructor(info: DeviceInfo, handle: bigint, backend: bigint) {
    this.info = info;
    this.handle = handle;
    this.backend = backend;
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
   * @param name as {@link listDevices} gives it, in any case; `auto` takes the GPU with most free
   *   memory, or else the CPU.
   * @param threads of a CPU. ggml's threads wait for one another actively: more of them than free
   *   cores makes everything many times slower.
   * @throws {StageError} `E_UNSUPPORTED` if there is no such device.
   */
  static open(name: string, threads: number): Device {
    const known = handles().map((handle) => ({ handle, info: describe(handle) }));
    const chosen =
      name.toLowerCase() === "auto"
        ? (known
            .filter(({ info }) => info.kind === "gpu")
            .sort((a, b) => b.info.freeMemory - a.info.freeMemory)[0] ??
          known.find(({ info }) => info.kind === "cpu"))
        : known.find(({ info }) => info.name.toLowerCase() === name.toLowerCase());
    if (!chosen) {
      throw new StageError("E_UNSUPPORTED", `There is no device "${name}".`, {
        hint: `This machine has: ${known.map(({ info }) => info.name).join(", ") || "none"}.`,
      });
    }
    const lib = native();
    const backend = lib.ggml_backend_dev_init(chosen.handle, null);
    if (backend === null) {
      throw new StageError("E_UNSUPPORTED", `The device ${chosen.info.name} cannot be opened.`);
    }
    const device = new Device(chosen.info, chosen.handle, backend);
    device.setThreads(threads);
    return device;
  }

  /** Closes the device. Dispose of its allocations and graphs first. */
  dispose(): void {
    if (!this.#isDisposed) native().ggml_backend_free(this.backend);
    this.#isDisposed = true;
  }
}
