import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A GPU that the operating system knows of, whether or not llama.cpp can use it. */
export interface FoundGpu {
  vendor: "NVIDIA" | "AMD" | "Intel" | "Apple";
  /** Model, where the driver tells, or else its place on the PCI bus. */
  name: string;
  /** Version of NVIDIA's driver, e.g. `535.161.08`; `undefined` if it is not loaded. */
  driver?: string;
  /** A device file of it that exists, but that this user may not open. */
  lockedFile?: string;
}

/** Vendors' numbers on the PCI bus; the display adapters of servers and virtual machines have others. */
const PCI_VENDORS: Record<string, FoundGpu["vendor"]> = {
  "0x10de": "NVIDIA",
  "0x1002": "AMD",
  "0x8086": "Intel",
};

/**
 * GPUs of this machine, found without native code: on Linux from what the kernel shows in `/proc`,
 * `/sys` and `/dev`, on Windows from NVIDIA's driver (others are not seen), on macOS by the processor.
 *
 * Intel's GPUs inside the processor are left out: they are no faster than it.
 *
 * @param root stands for `/`, or for the system drive of Windows.
 */
export function findGpus(
  root = process.platform === "win32" ? `${process.env.SystemDrive ?? "C:"}\\` : "/",
  platform: NodeJS.Platform = process.platform,
  arch = process.arch,
): FoundGpu[] {
  if (platform === "darwin")
    return arch === "arm64" ? [{ vendor: "Apple", name: "Apple GPU" }] : [];
  if (platform === "win32") {
    const driver = join(root, "Windows", "System32", "nvcuda.dll");
    return existsSync(driver) ? [{ vendor: "NVIDIA", name: "NVIDIA GPU" }] : [];
  }
  return linuxGpus(root);
}

function linuxGpus(root: string): FoundGpu[] {
  const locked = lockedFiles(root);
  const driver = nvidiaDriver(root);
  const gpus = namesIn(root, "sys/bus/pci/devices").flatMap((address): FoundGpu[] => {
    const read = (file: string) => textOf(root, "sys/bus/pci/devices", address, file);
    const vendor = PCI_VENDORS[read("vendor")];
    const isDisplay = read("class").startsWith("0x03");
    const isInProcessor = vendor === "Intel" && address.startsWith("0000:00:");
    if (!vendor || !isDisplay || isInProcessor) return [];
    const model = textOf(root, "proc/driver/nvidia/gpus", address, "information");
    const name = /^Model:\s*(.+)$/m.exec(model)?.[1]?.trim() ?? `${vendor} GPU at ${address}`;
    const lockedFile = locked.find((file) => file.includes("nvidia") === (vendor === "NVIDIA"));
    return [
      {
        vendor,
        name,
        ...(vendor === "NVIDIA" && driver && { driver }),
        ...(lockedFile && { lockedFile }),
      },
    ];
  });
  if (gpus.some(({ vendor }) => vendor === "NVIDIA")) return gpus;
  // Linux inside Windows has the driver's library and no device on the bus.
  const isWsl = existsSync(join(root, "usr/lib/wsl/lib/libcuda.so.1"));
  return isWsl ? [...gpus, { vendor: "NVIDIA", name: "NVIDIA GPU of Windows" }] : gpus;
}

/** e.g. `NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.161.08  Tue …` */
const nvidiaDriver = (root: string): string | undefined =>
  /^NVRM version:.*?\s(\d+\.[\d.]+)/m.exec(textOf(root, "proc/driver/nvidia/version"))?.[1];

/** Device files that CUDA and Vulkan open, as far as they exist and are closed to this user. */
function lockedFiles(root: string): string[] {
  const render = namesIn(root, "dev/dri").filter((name) => name.startsWith("renderD"));
  return ["dev/nvidiactl", "dev/nvidia0", ...render.map((name) => `dev/dri/${name}`)].flatMap(
    (file) => {
      const path = join(root, file);
      if (!existsSync(path)) return [];
      try {
        accessSync(path, constants.R_OK | constants.W_OK);
        return [];
      } catch {
        return [`/${file}`];
      }
    },
  );
}

/** Names in a folder, sorted; none if it is not there. */
function namesIn(...path: string[]): string[] {
  const folder = join(...path);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Contents of a small file; empty if it is not there. */
function textOf(...path: string[]): string {
  try {
    return readFileSync(join(...path), "utf8").trim();
  } catch {
    return "";
  }
}
