import { adviceText, Device, deviceAdvice } from "@repotune/ggml";
import type { StageContext } from "@repotune/schema";
import type { TrainOptions } from "./options.ts";
import { defaultThreads } from "./threads.ts";

/**
 * Opens the device to train on. Where that was left to this program and came to the CPU, `onNotice`
 * hears of GPUs that are there, and what they lack.
 *
 * @throws {StageError} `E_UNSUPPORTED` if there is no such device.
 */
export function openDevice(
  { device: choice, threads }: Pick<TrainOptions, "device" | "threads">,
  { onNotice }: StageContext,
): Device {
  const device = Device.open(choice, threads || defaultThreads());
  if (choice.toLowerCase() === "auto" && device.info.kind === "cpu") {
    for (const advice of deviceAdvice()) onNotice?.(adviceText(advice));
  }
  return device;
}
