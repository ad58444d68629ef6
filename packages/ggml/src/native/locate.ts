import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StageError } from "@repotune/schema";

/** Release of `@node-llama-cpp/*` that the bindings are written for. */
export const RUNTIME_RELEASE = "3.22.1";

/** Programming interfaces of GPUs that builds of llama.cpp exist for. */
export type GpuInterface = "cuda" | "vulkan" | "metal";

/** A build of llama.cpp that is installed. */
export interface Build {
  /** Platform and kind, e.g. `linux-x64` or `linux-x64-cuda`. */
  name: string;
  /** Absolute path of the folder with its shared libraries. */
  path: string;
  /** Version of its package. */
  release: string;
  /** Interface that the build has a library for, besides the CPU's. */
  gpu?: GpuInterface;
}

/** A kind of build: the end of its package's name, and where its libraries lie in the package. */
interface Variant {
  suffix: string;
  folder: (platform: string) => string;
  gpu?: GpuInterface;
}

/**
 * In the order in which they are tried. `-cuda` is built for CUDA 13, `-cuda-ext` for CUDA 12; the
 * latter holds the GPU's library alone.
 */
const VARIANTS: readonly Variant[] = [
  { suffix: "", folder: (platform) => platform },
  { suffix: "-metal", folder: (platform) => `${platform}-metal`, gpu: "metal" },
  { suffix: "-cuda", folder: (platform) => `${platform}-cuda`, gpu: "cuda" },
  { suffix: "-cuda-ext", folder: (platform) => `${platform}-cuda/fallback`, gpu: "cuda" },
  { suffix: "-vulkan", folder: (platform) => `${platform}-vulkan`, gpu: "vulkan" },
];

/** What node-llama-cpp calls this machine's platform, e.g. `linux-x64` or `mac-arm64`. */
export function platformName(): string {
  const os = { linux: "linux", darwin: "mac", win32: "win" }[process.platform as string];
  return `${os ?? process.platform}-${process.arch === "arm" ? "armv7l" : process.arch}`;
}

/** Builds of llama.cpp installed for this machine: the platform packages of node-llama-cpp. */
export function findBuilds(): Build[] {
  const require = createRequire(import.meta.url);
  const platform = platformName();
  return VARIANTS.flatMap(({ suffix, folder, gpu }) => {
    const name = `${platform}${suffix}`;
    let entry: string;
    try {
      entry = require.resolve(`@node-llama-cpp/${name}`);
    } catch {
      return []; // This build is not installed: they are optional.
    }
    // As the package's own `getBinsDir()` finds them; that one is asynchronous.
    const root = join(dirname(entry), "..");
    const path = join(root, "bins", folder(platform));
    if (!existsSync(path)) return [];
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return [{ name, path, release: manifest.version as string, ...(gpu && { gpu }) }];
  });
}

/**
 * The first of `builds` that is complete, from which to take the libraries that all of them share.
 *
 * @throws {StageError} `E_UNSUPPORTED` if there is none.
 */
export function sharedBuild(builds: readonly Build[]): Build {
  const complete = builds.find(({ path }) => fileOf(path, "ggml-base") !== undefined);
  if (complete) return complete;
  const name = `@node-llama-cpp/${platformName()}`;
  throw new StageError("E_UNSUPPORTED", `No build of llama.cpp is installed: ${name} is missing.`, {
    hint: `Install it: npm install ${name}@${RUNTIME_RELEASE} (optional dependencies may be switched off).`,
  });
}

/**
 * The shared library `name` (`ggml-base`, `ggml`, `llama`) of a build.
 *
 * @throws {StageError} `E_UNSUPPORTED` if it is not there.
 */
export function findLibrary(build: Build, name: string): string {
  const file = fileOf(build.path, name);
  if (file !== undefined) return join(build.path, file);
  throw new StageError("E_UNSUPPORTED", `There is no library ${name} in ${build.path}.`, {
    hint: `Install release ${RUNTIME_RELEASE} of @node-llama-cpp/${build.name}.`,
  });
}

/** File names may carry the kind of build and a release, as in `libggml.cuda.v0.5.0.so`. */
function fileOf(folder: string, name: string): string | undefined {
  const pattern = new RegExp(`^(lib)?${name}(\\.[a-z]+)?(\\.v[\\d.]+)?\\.(so|dylib|dll)$`);
  return readdirSync(folder).find((candidate) => pattern.test(candidate));
}
