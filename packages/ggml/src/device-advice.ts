import type { DeviceInfo } from "./device-choice.ts";
import { type FoundGpu, findGpus } from "./gpu-detection.ts";
import type { GpuBuild } from "./native/gpu-builds.ts";
import { platformName, RUNTIME_RELEASE } from "./native/locate.ts";

/** Why a GPU of this machine cannot be computed on, and what would change that. */
export interface DeviceAdvice {
  gpu: FoundGpu;
  /** The build of llama.cpp that is nearest to working, e.g. `linux-x64-cuda`. */
  build: string;
  isInstalled: boolean;
  /** Shared library that the system's loader did not find, e.g. `libcudart.so.13`. */
  missingLibrary?: string;
  /** What the loader or the driver said. */
  reason?: string;
  /** What to do, in full sentences. */
  remedy: string;
}

/** What advice is drawn from. */
export interface DeviceFindings {
  gpus: readonly FoundGpu[];
  builds: readonly GpuBuild[];
  devices: readonly DeviceInfo[];
  /** As node-llama-cpp names it, e.g. `linux-x64`. @default this machine's */
  platform?: string;
}

/** Builds for the GPUs of a vendor, in the order in which they are recommended. */
const SUFFIXES: Record<FoundGpu["vendor"], readonly string[]> = {
  NVIDIA: ["-cuda", "-cuda-ext", "-vulkan"],
  AMD: ["-vulkan"],
  Intel: ["-vulkan"],
  Apple: ["-metal"],
};

/** How devices of a vendor describe themselves. */
const DESCRIPTIONS: Record<FoundGpu["vendor"], RegExp> = {
  NVIDIA: /nvidia|geforce|quadro|tesla|\brtx\b/i,
  AMD: /\bamd\b|radeon|radv/i,
  Intel: /intel/i,
  Apple: /apple/i,
};

/** Platforms with builds for GPUs of all kinds; node-llama-cpp publishes none for others. */
const GPU_PLATFORMS = ["linux-x64", "win-x64"];

/**
 * The oldest driver that a CUDA release runs with on Linux
 * (https://docs.nvidia.com/cuda/cuda-toolkit-release-notes, "minor version compatibility").
 */
const OLDEST_DRIVER = { cuda13: 580, cuda12: 525 };

/** What brings a missing library, by the beginning of its name. */
const SOURCES: readonly [library: RegExp, source: string][] = [
  [
    /^(libcuda\.|nvcuda)/,
    "It belongs to NVIDIA's driver: install the driver (Debian, Ubuntu: nvidia-driver; containers: start them with --gpus all).",
  ],
  [
    /^(libcudart|libcublas)\w*\.so\.13/,
    "It belongs to the CUDA 13 runtime: install it from https://developer.nvidia.com/cuda-downloads (packages cuda-cudart-13-0 and libcublas-13-0), and have its folder in LD_LIBRARY_PATH or ld.so.conf.",
  ],
  [
    /^(libcudart|libcublas)\w*\.so\.12/,
    "It belongs to the CUDA 12 runtime: install it from https://developer.nvidia.com/cuda-12-8-0-download-archive (packages cuda-cudart-12-8 and libcublas-12-8), and have its folder in LD_LIBRARY_PATH or ld.so.conf.",
  ],
  [
    /^(libvulkan|vulkan-1)/,
    "It is the Vulkan loader: install it and a driver (Debian, Ubuntu: libvulkan1 mesa-vulkan-drivers; Fedora: vulkan-loader mesa-vulkan-drivers; Arch: vulkan-icd-loader).",
  ],
];

/**
 * One piece of advice for each GPU that is there and that none of `devices` is.
 *
 * @param findings by default those of {@link findGpus} and of the libraries that were loaded.
 */
export function adviseOn({
  gpus,
  builds,
  devices,
  platform = platformName(),
}: DeviceFindings): DeviceAdvice[] {
  const unused = gpus.filter(
    ({ vendor }) =>
      !devices.some(
        ({ kind, description }) => kind !== "cpu" && DESCRIPTIONS[vendor].test(description),
      ),
  );
  return unused.map((gpu) => {
    const names = SUFFIXES[gpu.vendor].map((suffix) => `${platform}${suffix}`);
    const installed = names.flatMap((name) => builds.find((build) => build.name === name) ?? []);
    return installed.length > 0 ? whyUnused(gpu, installed) : whatToInstall(gpu, names, platform);
  });
}

/** Advice as a sentence or two for a person. */
export function adviceText({ gpu, build, missingLibrary, reason, remedy }: DeviceAdvice): string {
  const cause = missingLibrary
    ? `: ${build} needs ${missingLibrary}, which is missing`
    : reason
      ? `: ${build} says "${reason}"`
      : "";
  return `${gpu.name} is not used${cause}. ${remedy}`;
}

function whatToInstall(gpu: FoundGpu, names: readonly string[], platform: string): DeviceAdvice {
  // CUDA 13 wants a recent driver; an old one can run CUDA 12.
  const isOld = isOlder(gpu, OLDEST_DRIVER.cuda13);
  const build = names.find((name) => !isOld || !name.endsWith("-cuda")) ?? platform;
  const advice = { gpu, build, isInstalled: false };
  if (!GPU_PLATFORMS.includes(platform) && gpu.vendor !== "Apple") {
    return { ...advice, remedy: `There is no build of llama.cpp for GPUs on ${platform}.` };
  }
  const packages = [build, ...(build.endsWith("-ext") ? [`${platform}-cuda`] : [])];
  const install = packages.map((name) => `@node-llama-cpp/${name}@${RUNTIME_RELEASE}`).join(" ");
  return {
    ...advice,
    remedy: `Install its build of llama.cpp: npm install ${install} (optional dependencies may be switched off).`,
  };
}

function whyUnused(gpu: FoundGpu, installed: readonly GpuBuild[]): DeviceAdvice {
  const cuda = installed.filter(({ gpu }) => gpu === "cuda");
  const candidates = cuda.length > 0 ? cuda : installed;
  const isOld = isOlder(gpu, OLDEST_DRIVER.cuda13);
  // A build that loads and finds nothing is nearer to working than one that does not load.
  const nearest =
    candidates.find(({ state }) => state === "empty") ??
    candidates.find(({ name }) => !(isOld && name.endsWith("-cuda"))) ??
    (installed[0] as GpuBuild);
  const { name: build, reason, state } = nearest;
  const missingLibrary = missingLibraryOf(reason);
  const advice = {
    gpu,
    build,
    isInstalled: true,
    ...(missingLibrary && { missingLibrary }),
    ...(reason && { reason }),
  };
  if (state === "unneeded") {
    return {
      ...advice,
      remedy: `Another GPU is used instead: choose the device "${nearest.gpu}".`,
    };
  }
  if (state === "failed") return { ...advice, remedy: remedyOfFailure(build, missingLibrary) };
  if (gpu.lockedFile) {
    const groups = gpu.vendor === "NVIDIA" ? "" : " (groups render and video)";
    const remedy = `${gpu.lockedFile} may not be opened by this user: ask for access to it${groups}.`;
    return { ...advice, remedy };
  }
  if (build.endsWith("-cuda") && isOld) {
    const remedy = `Its driver ${gpu.driver} is too old for CUDA 13, which needs ${OLDEST_DRIVER.cuda13}: update the driver, or install the CUDA 12 build: npm install @node-llama-cpp/${build.replace(/-cuda.*/, "-cuda-ext")}@${RUNTIME_RELEASE} (driver ${OLDEST_DRIVER.cuda12} or later).`;
    return { ...advice, remedy };
  }
  const check = gpu.vendor === "NVIDIA" ? "nvidia-smi" : "vulkaninfo --summary";
  return {
    ...advice,
    remedy: `The libraries load, but their driver shows them no device: look at what \`${check}\` says.`,
  };
}

function remedyOfFailure(build: string, library: string | undefined): string {
  if (library !== undefined) {
    const source = SOURCES.find(([pattern]) => pattern.test(library))?.[1];
    return source ?? `Install what brings ${library}.`;
  }
  if (build.endsWith("-vulkan")) return "Install the driver of the GPU, which brings Vulkan.";
  const cuda = build.endsWith("-ext") ? 12 : 13;
  return `Check that NVIDIA's driver and the runtime of CUDA ${cuda} (cudart and cublas) are installed, and that node-llama-cpp's packages are all of release ${RUNTIME_RELEASE}.`;
}

const isOlder = ({ driver }: FoundGpu, oldest: number): boolean =>
  driver !== undefined && Number.parseInt(driver, 10) < oldest;

/** As glibc and musl word it: `libx.so.1: cannot open shared object file`, `Error loading shared library libx.so.1`. */
const missingLibraryOf = (reason = ""): string | undefined =>
  /([\w.+-]+\.so[.\d]*): cannot open shared object/.exec(reason)?.[1] ??
  /loading shared library ([\w.+-]+\.so[.\d]*)/.exec(reason)?.[1];
