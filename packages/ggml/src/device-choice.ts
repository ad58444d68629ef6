import type { GpuInterface } from "./native/locate.ts";

/** A device that ggml can compute on. */
export interface DeviceInfo {
  /** Name to open it by, e.g. `CPU` or `CUDA0`. */
  name: string;
  /** What it is, e.g. `AMD Ryzen 7 3800X`. */
  description: string;
  kind: "cpu" | "gpu" | "integrated-gpu" | "accelerator";
  /** What of ggml drives it: `cpu`, `cuda`, `vulkan`, `metal` or another, in lower case. */
  backend: string;
  /** Bytes of memory free now. */
  freeMemory: number;
  totalMemory: number;
}

const INTERFACES: readonly string[] = ["cuda", "vulkan", "metal"] satisfies GpuInterface[];

/** The interface that a choice of device asks for, be it `vulkan` or the name `Vulkan1`. */
export const interfaceOf = (choice: string): GpuInterface | undefined =>
  INTERFACES.find((name) => choice.toLowerCase().startsWith(name)) as GpuInterface | undefined;

/**
 * The device that a user means.
 *
 * @param choice in any case: `auto` is the GPU with most free memory, or else the CPU; `gpu` that GPU,
 *   or else the one on the processor; `cuda`, `vulkan` and `metal` the device of that kind with most
 *   free memory; anything else a device's name.
 */
export function chooseDevice(known: readonly DeviceInfo[], choice: string): DeviceInfo | undefined {
  const freest = (field: "kind" | "backend", value: string) =>
    known
      .filter((device) => device[field] === value)
      .sort((a, b) => b.freeMemory - a.freeMemory)
      .at(0);
  const wanted = choice.toLowerCase();
  if (wanted === "auto") return freest("kind", "gpu") ?? freest("kind", "cpu");
  if (wanted === "gpu") return freest("kind", "gpu") ?? freest("kind", "integrated-gpu");
  if (INTERFACES.includes(wanted)) return freest("backend", wanted);
  return known.find(({ name }) => name.toLowerCase() === wanted);
}
