import { createRequire } from "node:module";
import { StageError } from "@repotune/schema";
import type { LibraryHandle } from "koffi";
import { backendFunctions, registryFunctions } from "./backend-functions.ts";
import { contextFunctions } from "./context-functions.ts";
import { GpuBuilds } from "./gpu-builds.ts";
import { graphFunctions } from "./graph-functions.ts";
import { type Build, findBuilds, findLibrary, sharedBuild } from "./locate.ts";
import { captureLog } from "./log.ts";
import { operatorFunctions } from "./operator-functions.ts";
import type { Functions, Pointer, Signature } from "./signature.ts";

/** The release of ggml whose functions and structures these bindings declare. */
export const GGML_VERSION = "0.25.1";

/** Kernels need more stack than koffi's 128 KiB for asynchronous calls. */
const STACK_BYTES = 8 << 20;

type Koffi = typeof import("koffi");

/** ggml's functions under their C names, and where they come from. */
export type Native = Functions<typeof contextFunctions> &
  Functions<typeof operatorFunctions> &
  Functions<typeof graphFunctions> &
  Functions<typeof backendFunctions> &
  Functions<typeof registryFunctions> & {
    /** Reads a value at an address plus an offset. */
    readonly decode: (address: Pointer, offset: number, type: string) => unknown;
    /** Writes a value at an address plus an offset. */
    readonly encode: (address: Pointer, offset: number, type: string, value: unknown) => void;
    /** Calls a function of one of the types in `functionTypes` at an address. */
    readonly call: (
      address: Pointer,
      type: keyof typeof functionTypes,
      ...parameters: unknown[]
    ) => unknown;
    /** Where the libraries that all builds share come from. */
    readonly build: Build;
    readonly gpuBuilds: GpuBuilds;
    /** `ggml_backend_graph_compute` on another thread; the status, 0 for success. */
    readonly computeAsync: (backend: bigint, graph: bigint) => Promise<number>;
    /** `ggml_quantize_chunk` on another thread; the bytes written. */
    readonly quantizeAsync: OnThread<typeof contextFunctions.ggml_quantize_chunk>;
  };

/** Functions that the library hands out as addresses. */
const functionTypes = {
  ggml_to_float_t: "void ggml_to_float_t(const void *bytes, void *values, int64_t count)",
  ggml_backend_set_n_threads_t: "void ggml_backend_set_n_threads_t(void *backend, int threads)",
  ggml_backend_dev_get_extra_bufts_t: "void *ggml_backend_dev_get_extra_bufts_t(void *device)",
};

let loaded: Native | undefined;

/**
 * ggml's functions; the libraries are loaded at the first call.
 *
 * @throws {StageError} `E_UNSUPPORTED` if no build is installed for this machine, none can be
 *   loaded, or it is of another release than {@link GGML_VERSION}.
 */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

function load(): Native {
  const koffi = createRequire(import.meta.url)("koffi") as Koffi;
  setStackSize(koffi);
  koffi.struct("ggml_init_params", { mem_size: "size_t", mem_buffer: "void *", no_alloc: "bool" });

  const types = Object.fromEntries(
    Object.entries(functionTypes).map(([name, declaration]) => [name, koffi.proto(declaration)]),
  ) as Record<keyof typeof functionTypes, ReturnType<typeof koffi.proto>>;

  const builds = findBuilds();
  const build = sharedBuild(builds);
  const base = koffi.load(findLibrary(build, "ggml-base"));
  const declare = <T extends Record<string, Signature>>(library: LibraryHandle, table: T) =>
    Object.fromEntries(
      Object.entries(table).map(([name, [result, parameters]]) => [
        name,
        library.func(name, result, [...parameters]),
      ]),
    ) as unknown as Functions<T>;

  const context = declare(base, contextFunctions);
  const version = context.ggml_version();
  if (version !== GGML_VERSION) {
    throw new StageError(
      "E_UNSUPPORTED",
      `${build.path} holds ggml ${version}; these bindings are for ggml ${GGML_VERSION}.`,
      { hint: `Install the release of @node-llama-cpp/${build.name} that this package names.` },
    );
  }
  captureLog(koffi, base);
  const registry = declare(koffi.load(findLibrary(build, "ggml")), registryFunctions);
  registry.ggml_backend_load_all_from_path(build.path);

  const backend = declare(base, backendFunctions);
  const gpuBuilds = new GpuBuilds(builds, build.release, (path) => {
    koffi.load(path); // Unlike ggml, it tells why it fails.
    const backends = registry.ggml_backend_load(path);
    return backends === null ? 0 : backend.ggml_backend_reg_dev_count(backends);
  });
  gpuBuilds.loadFirstUsable();
  return {
    ...context,
    ...declare(base, operatorFunctions),
    ...declare(base, graphFunctions),
    ...backend,
    ...registry,
    decode: (address, offset, type) => koffi.decode(address, offset, type),
    encode: (address, offset, type, value) => koffi.encode(address, offset, type, value),
    call: (address, type, ...parameters) => koffi.call(address, types[type], ...parameters),
    build,
    gpuBuilds,
    computeAsync: onThread(backend.ggml_backend_graph_compute),
    quantizeAsync: onThread(context.ggml_quantize_chunk),
  };
}

/** A function that runs on another thread. */
type OnThread<S extends Signature> = (
  ...parameters: Parameters<Functions<{ f: S }>["f"]>
) => Promise<ReturnType<Functions<{ f: S }>["f"]>>;

/** Lets a function that koffi made run on another thread. */
function onThread<P extends unknown[], R>(call: (...parameters: P) => R) {
  const { async: start } = call as unknown as { async: (...parameters: unknown[]) => void };
  return (...parameters: P): Promise<R> =>
    new Promise((resolve, reject) => {
      start(...parameters, (error: Error | null, result: R) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
}

function setStackSize(koffi: Koffi): void {
  try {
    koffi.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
  } catch (cause) {
    const { sync_stack_size: sync, async_stack_size: async } = koffi.config() as Record<
      string,
      number
    >;
    if (Math.min(sync ?? 0, async ?? 0) >= STACK_BYTES) return;
    throw new StageError(
      "E_UNSUPPORTED",
      "Another package has loaded a library through koffi before, with stacks too small for ggml.",
      { hint: "Call listDevices() of this package before that one loads its library.", cause },
    );
  }
}
