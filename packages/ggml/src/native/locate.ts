import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StageError } from "@repotune/schema";

/** Release of `@node-llama-cpp/*` that the bindings are written for. */
const RUNTIME_RELEASE = "3.22.1";

/** Where the shared libraries of one build of llama.cpp lie. */
export interface LibraryFolder {
  /** Build, e.g. `linux-x64` or `linux-x64-cuda`. */
  name: string;
  /** Absolute path. */
  path: string;
}

/**
 * Builds of llama.cpp installed for this machine, the one with most devices first.
 *
 * They are the platform packages of node-llama-cpp. `-cuda-ext` is built for CUDA 12, `-cuda` for
 * CUDA 13; every build also holds the CPU.
 *
 * @throws {StageError} `E_UNSUPPORTED` if there is none.
 */
export function findLibraryFolders(): LibraryFolder[] {
  const os = { linux: "linux", darwin: "mac", win32: "win" }[process.platform as string];
  const platform = `${os ?? process.platform}-${process.arch === "arm" ? "armv7l" : process.arch}`;
  const require = createRequire(import.meta.url);
  const found: LibraryFolder[] = [];
  for (const variant of ["-cuda", "-cuda-ext", "-vulkan", "-metal", ""]) {
    const name = `${platform}${variant}`;
    let entry: string;
    try {
      entry = require.resolve(`@node-llama-cpp/${name}`);
    } catch {
      continue; // This build is not installed: they are optional.
    }
    // As the package's own `getBinsDir()` computes it; that one is asynchronous.
    found.push({ name, path: join(dirname(entry), "..", "bins", name) });
  }
  if (found.length > 0) return found;
  throw new StageError(
    "E_UNSUPPORTED",
    `No build of llama.cpp is installed for ${platform}: @node-llama-cpp/${platform} is missing.`,
    {
      hint: `Install it: npm install @node-llama-cpp/${platform}@${RUNTIME_RELEASE} (optional dependencies may be switched off).`,
    },
  );
}

/**
 * The shared library `name` (`ggml-base`, `ggml`, `llama`) in a folder; file names may carry a
 * release, as in `libggml.v0.5.0.so`.
 *
 * @throws {StageError} `E_UNSUPPORTED` if it is not there.
 */
export function findLibrary(folder: LibraryFolder, name: string): string {
  const pattern = new RegExp(`^(lib)?${name}(\\.v[\\d.]+)?\\.(so|dylib|dll)$`);
  const file = readdirSync(folder.path).find((candidate) => pattern.test(candidate));
  if (file) return join(folder.path, file);
  throw new StageError("E_UNSUPPORTED", `There is no library ${name} in ${folder.path}.`, {
    hint: `Install release ${RUNTIME_RELEASE} of @node-llama-cpp/${folder.name}.`,
  });
}
