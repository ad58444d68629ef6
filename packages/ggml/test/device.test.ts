import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import koffi from "koffi";
import { afterAll, describe, expect, test } from "vitest";
import { adviceText, adviseOn } from "../src/device-advice.ts";
import { chooseDevice, type DeviceInfo } from "../src/device-choice.ts";
import { type FoundGpu, findGpus } from "../src/gpu-detection.ts";
import { Device, deviceAdvice, listDevices } from "../src/index.ts";
import { type GpuBuild, GpuBuilds } from "../src/native/gpu-builds.ts";

const folder = mkdtempSync(join(tmpdir(), "devices-"));
afterAll(() => rmSync(folder, { recursive: true }));

const device = (name: string, backend: string, kind: DeviceInfo["kind"], freeMemory: number) => ({
  name,
  description: name,
  backend,
  kind,
  freeMemory,
  totalMemory: 2 * freeMemory,
});

describe("choice", () => {
  const cpu = device("CPU", "cpu", "cpu", 1000);
  const integrated = device("Vulkan0", "vulkan", "integrated-gpu", 500);
  const small = device("CUDA0", "cuda", "gpu", 6);
  const large = device("CUDA1", "cuda", "gpu", 8);
  const vulkan = device("Vulkan1", "vulkan", "gpu", 7);
  const all = [cpu, integrated, small, large, vulkan];

  test.each<[string, DeviceInfo[], DeviceInfo | undefined]>([
    ["auto", all, large],
    ["AUTO", [cpu, integrated], cpu],
    ["gpu", all, large],
    ["gpu", [cpu, integrated], integrated],
    ["gpu", [cpu], undefined],
    ["cpu", all, cpu],
    ["cuda", all, large],
    ["Vulkan", [cpu, small, vulkan], vulkan],
    ["metal", all, undefined],
    ["cuda0", all, small],
    ["CUDA7", all, undefined],
  ])("%s takes the device that is meant", (choice, known, expected) => {
    expect(chooseDevice(known, choice)).toBe(expected);
  });

  test("of this machine's devices, the processor's is opened by any spelling", () => {
    for (const choice of ["cpu", "CPU", "Cpu"]) {
      const opened = Device.open(choice, 1);
      expect(opened.info).toMatchObject({ name: "CPU", kind: "cpu", backend: "cpu" });
      expect(opened.info.freeMemory).toBeLessThanOrEqual(opened.info.totalMemory);
      opened.dispose();
    }
  });

  test("an unknown device is refused with what there is", () => {
    expect(() => Device.open("metal7", 1)).toThrow(
      expect.objectContaining({ code: "E_UNSUPPORTED", hint: expect.stringContaining("CPU") }),
    );
  });

  test("this machine's GPUs are devices, or there is advice on them", () => {
    const used = listDevices().filter(({ kind }) => kind !== "cpu");
    expect(used.length + deviceAdvice().length).toBeGreaterThanOrEqual(findGpus().length);
  });
});

/** Writes files under a folder that stands for `/`. */
function tree(name: string, files: Record<string, string>): string {
  const root = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const pci = (address: string, vendor: string, type = "0x030000") => ({
  [`sys/bus/pci/devices/${address}/vendor`]: `${vendor}\n`,
  [`sys/bus/pci/devices/${address}/class`]: `${type}\n`,
});

describe("detection", () => {
  test("finds a card of NVIDIA with its model and driver", () => {
    const root = tree("nvidia", {
      ...pci("0000:26:00.0", "0x10de"),
      ...pci("0000:26:00.1", "0x10de", "0x040300"), // its sound
      ...pci("0000:00:02.0", "0x8086"), // Intel's in the processor
      ...pci("0000:02:00.0", "0x1a03"), // a server's console
      "proc/driver/nvidia/gpus/0000:26:00.0/information":
        "Model: \t\t NVIDIA GeForce RTX 2060 SUPER\nIRQ:   \t\t 99\n",
      "proc/driver/nvidia/version":
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.161.08  Sat Feb 24 01:03:29 UTC 2024\nGCC version: gcc 12\n",
    });
    expect(findGpus(root, "linux")).toEqual([
      { vendor: "NVIDIA", name: "NVIDIA GeForce RTX 2060 SUPER", driver: "535.161.08" },
    ]);
  });

  test("finds cards without a driver, and those of AMD and Intel", () => {
    const root = tree("others", {
      ...pci("0000:01:00.0", "0x10de", "0x030200"),
      ...pci("0000:03:00.0", "0x1002"),
      ...pci("0000:04:00.0", "0x8086", "0x038000"),
    });
    expect(findGpus(root, "linux").map(({ name }) => name)).toEqual([
      "NVIDIA GPU at 0000:01:00.0",
      "AMD GPU at 0000:03:00.0",
      "Intel GPU at 0000:04:00.0",
    ]);
  });

  test.skipIf(process.getuid?.() === 0)("names a device file that is closed to the user", () => {
    const root = tree("closed", { ...pci("0000:03:00.0", "0x1002"), "dev/dri/renderD128": "" });
    chmodSync(join(root, "dev/dri/renderD128"), 0);
    expect(findGpus(root, "linux")[0]?.lockedFile).toBe("/dev/dri/renderD128");
  });

  test("finds NVIDIA's card through Windows, inside Linux and out", () => {
    const inside = tree("wsl", { "usr/lib/wsl/lib/libcuda.so.1": "" });
    expect(findGpus(inside, "linux")).toEqual([
      { vendor: "NVIDIA", name: "NVIDIA GPU of Windows" },
    ]);
    const outside = tree("windows", { "Windows/System32/nvcuda.dll": "" });
    expect(findGpus(outside, "win32")).toHaveLength(1);
  });

  test("finds nothing where nothing is", () => {
    const root = tree("nothing", { "etc/hostname": "x" });
    expect(findGpus(root, "linux")).toEqual([]);
    expect(findGpus(root, "win32")).toEqual([]);
    expect(findGpus(root, "darwin", "x64")).toEqual([]);
    expect(findGpus(root, "darwin", "arm64")).toMatchObject([{ vendor: "Apple" }]);
  });
});

describe("advice", () => {
  const card: FoundGpu = { vendor: "NVIDIA", name: "NVIDIA H200", driver: "580.82.07" };
  const radeon: FoundGpu = { vendor: "AMD", name: "AMD GPU at 0000:03:00.0" };
  // What glibc's loader says through koffi where the library is not there.
  const missing = (library: string) =>
    `Failed to load shared library: ${library}: cannot open shared object file: No such file or directory`;
  const failed = (variant: string, gpu: GpuBuild["gpu"], library: string): GpuBuild => ({
    name: `linux-x64-${variant}`,
    gpu,
    state: "failed",
    reason: missing(library),
  });
  const advise = (gpu: FoundGpu, builds: GpuBuild[], platform = "linux-x64") => {
    const [advice] = adviseOn({ gpus: [gpu], builds, devices: [], platform });
    if (!advice) throw new Error("There is no advice.");
    return advice;
  };

  test("no build: which package to install", () => {
    expect(advise(card, [])).toMatchObject({
      isInstalled: false,
      build: "linux-x64-cuda",
      remedy: expect.stringContaining("npm install @node-llama-cpp/linux-x64-cuda@"),
    });
    const old = { ...card, driver: "535.161.08" };
    expect(advise(old, []).build).toBe("linux-x64-cuda-ext");
    expect(advise(radeon, []).build).toBe("linux-x64-vulkan");
    expect(advise(card, [], "linux-arm64").remedy).toContain("no build of llama.cpp for GPUs on");
  });

  test.each([
    ["cuda", "cuda", "libcudart.so.13", "cuda-cudart-13-0 and libcublas-13-0"],
    ["cuda", "cuda", "libcublas.so.13", "cuda-cudart-13-0 and libcublas-13-0"],
    ["cuda-ext", "cuda", "libcudart.so.12", "cuda-cudart-12-8 and libcublas-12-8"],
    ["cuda", "cuda", "libcuda.so.1", "NVIDIA's driver"],
    ["vulkan", "vulkan", "libvulkan.so.1", "libvulkan1 mesa-vulkan-drivers"],
  ] as const)("%s (%s) without %s: what brings it", (variant, gpu, library, source) => {
    const advice = advise(card, [failed(variant, gpu, library)]);
    expect(advice).toMatchObject({
      isInstalled: true,
      build: `linux-x64-${variant}`,
      missingLibrary: library,
      reason: missing(library),
    });
    expect(advice.remedy).toContain(source);
    expect(adviceText(advice)).toContain(`needs ${library}, which is missing. It`);
  });

  test("an old driver: the CUDA build that it can run", () => {
    const reason = "ggml_cuda_init: failed to initialize CUDA: CUDA driver version is insufficient";
    const builds: GpuBuild[] = [{ name: "linux-x64-cuda", gpu: "cuda", state: "empty", reason }];
    const advice = advise({ ...card, driver: "535.161.08" }, builds);
    expect(advice.remedy).toContain("535.161.08 is too old for CUDA 13, which needs 580");
    expect(advice.remedy).toContain("linux-x64-cuda-ext@");
    const both = [...builds, failed("cuda-ext", "cuda", "libcudart.so.12")];
    expect(advise({ ...card, driver: "535.161.08" }, both).build).toBe("linux-x64-cuda");
    const neither = [failed("cuda", "cuda", "libcudart.so.13"), ...both.slice(1)];
    expect(advise({ ...card, driver: "535.161.08" }, neither).missingLibrary).toBe(
      "libcudart.so.12",
    );
  });

  test("a file that is closed, a driver that shows nothing, another card in use", () => {
    const empty: GpuBuild = { name: "linux-x64-vulkan", gpu: "vulkan", state: "empty" };
    const locked = { ...radeon, lockedFile: "/dev/dri/renderD128" };
    expect(advise(locked, [empty]).remedy).toContain("/dev/dri/renderD128 may not be opened");
    expect(advise(radeon, [empty]).remedy).toContain("vulkaninfo");
    expect(advise(radeon, [{ ...empty, state: "unneeded" }]).remedy).toContain('device "vulkan"');
  });

  test("a card that is used needs none", () => {
    const used = { ...device("CUDA0", "cuda", "gpu", 1), description: "NVIDIA H200" };
    expect(adviseOn({ gpus: [card], builds: [], devices: [used] })).toEqual([]);
    expect(adviseOn({ gpus: [card, radeon], builds: [], devices: [used] })).toHaveLength(1);
  });
});

describe("builds for GPUs", () => {
  const build = (name: string, release: string) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "libggml-cuda.so"), "not a library");
    return { name, path, release, gpu: "cuda" } as const;
  };

  test("what fails is kept in the loader's words, and the next is tried", () => {
    const files: string[] = [];
    const builds = new GpuBuilds([build("a", "1.0.0"), build("b", "1.0.0")], "1.0.0", (path) => {
      files.push(path);
      if (path.includes("/a/")) koffi.load(path);
      return 1;
    });
    expect(builds.all.map(({ state }) => state)).toEqual(["unneeded", "unneeded"]);
    builds.loadFirstUsable("vulkan");
    expect(files).toEqual([]);
    builds.loadFirstUsable();
    builds.loadFirstUsable("cuda");
    expect(files.map((path) => path.slice(folder.length))).toEqual([
      "/a/libggml-cuda.so",
      "/b/libggml-cuda.so",
    ]);
    expect(builds.all).toEqual([
      { name: "a", gpu: "cuda", state: "failed", reason: expect.stringContaining("load") },
      { name: "b", gpu: "cuda", state: "usable" },
    ]);
  });

  test("another release is refused, and a library without devices is not the last word", () => {
    const builds = new GpuBuilds([build("old", "0.9.0"), build("new", "1.0.0")], "1.0.0", () => 0);
    builds.loadFirstUsable();
    expect(builds.all.map(({ state }) => state)).toEqual(["failed", "empty"]);
    expect(builds.all[0]?.reason).toContain("release 0.9.0");
  });
});
