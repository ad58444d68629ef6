import { createRequire } from "node:module";
import { messageOf, StageError } from "@repotune/schema";
import type { LibraryHandle } from "koffi";
import { backendFunctions, registryFunctions } from "./backend-functions.ts";
import { contextFunctions } from "./context-functions.ts";
import { graphFunctions } from "./graph-functions.ts";
import { findLibrary, findLibraryFolders, type LibraryFolder } from "./locate.ts";
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
    readonly folder: LibraryFolder;
    /** `ggml_backend_graph_compute` on another thread; the status, 0 for success. */
    readonly computeAsync: (backend: bigint, graph: bigint) => Promise<number>;
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
  koffi.config({ sync_stack_size: STACK_BYTES, async_stack_size: STACK_BYTES });
  koffi.struct("ggml_init_params", { mem_size: "size_t", mem_buffer: "void *", no_alloc: "bool" });

  const types = Object.fromEntries(
    Object.entries(functionTypes).map(([name, declaration]) => [name, koffi.proto(declaration)]),
  ) as Record<keyof typeof functionTypes, ReturnType<typeof koffi.proto>>;

  const { folder, base } = loadBase(koffi, findLibraryFolders());
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
      `${folder.path} holds ggml ${version}; these bindings are for ggml ${GGML_VERSION}.`,
      { hint: `Install the release of @node-llama-cpp/${folder.name} that this package names.` },
    );
  }
  captureLog(koffi, base);
  const registry = declare(koffi.load(findLibrary(folder, "ggml")), registryFunctions);
  registry.ggml_backend_load_all_from_path(folder.path);

  const backend = declare(base, backendFunctions);
  const compute = backend.ggml_backend_graph_compute as unknown as {
    async: (...parameters: unknown[]) => void;
  };
  return {
    ...context,
    ...declare(base, operatorFunctions),
    ...declare(base, graphFunctions),
    ...backend,
    ...registry,
    decode: (address, offset, type) => koffi.decode(address, offset, type),
    encode: (address, offset, type, value) => koffi.encode(address, offset, type, value),
    call: (address, type, ...parameters) => koffi.call(address, types[type], ...parameters),
    folder,
    computeAsync: (handle, graph) =>
      new Promise((resolve, reject) => {
        compute.async(handle, graph, (error: Error | null, status: number) => {
          if (error) reject(error);
          else resolve(status);
        });
      }),
  };
}

/** Loads the first build that works here: a CUDA build does not where CUDA's own libraries lack. */
function loadBase(koffi: Koffi, folders: LibraryFolder[]) {
  const failures: string[] = [];
  for (const folder of folders) {
    try {
      for (const gpu of ["cuda", "vulkan"]) {
        if (folder.name.includes(`-${gpu}`)) koffi.load(findLibrary(folder, `ggml-${gpu}`));
      }
      return { folder, base: koffi.load(findLibrary(folder, "ggml-base")) };
    } catch (error) {
      failures.push(`${folder.name}: ${messageOf(error)}`);
    }
  }
  throw new StageError(
    "E_UNSUPPORTED",
    `No build of llama.cpp could be loaded. ${failures.join("; ")}`,
  );
}
