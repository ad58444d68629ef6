import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { listDevices } from "@repotune/ggml";
import type { GpuReading } from "@repotune/schema";

/** A driver that hangs must not hold samples up. */
const TIMEOUT_MS = 5_000;
const NVIDIA_FIELDS = "name,memory.used,memory.total,utilization.gpu,temperature.gpu";
const MIB = 2 ** 20;
const DRM = "/sys/class/drm";

/** Reads the state of all GPUs; an empty list if it cannot. */
export type GpuProbe = () => Promise<GpuReading[]>;

/**
 * The first source that knows a GPU here: NVIDIA's `nvidia-smi`, the files of Linux' amdgpu driver, or
 * ggml, which knows the memory alone.
 */
export async function findGpuProbe(): Promise<GpuProbe> {
  for (const probe of [readNvidia, () => readAmd(), readGgml]) {
    if ((await probe()).length > 0) return probe;
  }
  return async () => [];
}

/** What `nvidia-smi` says. */
async function readNvidia(): Promise<GpuReading[]> {
  const args = [`--query-gpu=${NVIDIA_FIELDS}`, "--format=csv,noheader,nounits"];
  const run = promisify(execFile)("nvidia-smi", args, { timeout: TIMEOUT_MS });
  return run.then(
    ({ stdout }) => parseNvidia(stdout),
    () => [], // Not installed, or without a driver.
  );
}

/** The table of {@link readNvidia}, one GPU a line: name, MiB used, MiB in all, percent, degrees. */
export function parseNvidia(table: string): GpuReading[] {
  const lines = table.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const fields = line.split(",").map((field) => field.trim());
    const [used, total, percent, degrees] = fields.slice(-4).map(numberOf);
    return {
      name: fields.slice(0, -4).join(", "),
      used_memory_bytes: scaled(used, MIB),
      total_memory_bytes: scaled(total, MIB),
      load: scaled(percent, 0.01),
      temperature_celsius: degrees ?? null,
    };
  });
}

/**
 * What the amdgpu driver says of each card
 * (https://docs.kernel.org/gpu/amdgpu/thermal.html, driver-misc.html).
 *
 * @param root where the kernel lists graphics cards.
 */
export async function readAmd(root = DRM): Promise<GpuReading[]> {
  const cards = (await names(root)).filter((name) => /^card\d+$/.test(name)).sort();
  const readings = await Promise.all(cards.map((card) => readAmdCard(card, join(root, card))));
  return readings.filter(({ total_memory_bytes }) => total_memory_bytes !== null);
}

async function readAmdCard(name: string, folder: string): Promise<GpuReading> {
  const read = (path: string) =>
    readFile(join(folder, "device", path), "utf8").then(numberOf, () => undefined);
  const [monitor] = await names(join(folder, "device", "hwmon"));
  return {
    name,
    used_memory_bytes: (await read("mem_info_vram_used")) ?? null,
    total_memory_bytes: (await read("mem_info_vram_total")) ?? null,
    load: scaled(await read("gpu_busy_percent"), 0.01),
    temperature_celsius: scaled(monitor && (await read(`hwmon/${monitor}/temp1_input`)), 1e-3),
  };
}

/** Memory of ggml's GPUs. */
async function readGgml(): Promise<GpuReading[]> {
  const gpus = listDevices().filter(({ kind }) => kind === "gpu" || kind === "integrated-gpu");
  return gpus.map(({ name, freeMemory, totalMemory }) => ({
    name,
    used_memory_bytes: totalMemory - freeMemory,
    total_memory_bytes: totalMemory,
    load: null,
    temperature_celsius: null,
  }));
}

/** A number, or `undefined` for words such as `[N/A]`. */
function numberOf(text: string): number | undefined {
  const value = Number(text.trim() || Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

const scaled = (value: number | "" | undefined, factor: number) =>
  typeof value === "number" ? value * factor : null;

const names = (folder: string) => readdir(folder).catch((): string[] => []);
