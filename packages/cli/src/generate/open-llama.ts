import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { messageOf, StageError, throwIfAborted } from "@repotune/schema";
import type { Llama, LlamaContextSequence, LlamaModel } from "node-llama-cpp";
import { type ModelHeader, unsupportedArchitecture } from "./inspect-model.ts";
import type { GenerateSettings } from "./options.ts";

/** node-llama-cpp is large and loads native code: only when something is generated. */
export const nodeLlamaCpp = (): Promise<typeof import("node-llama-cpp")> =>
  import("node-llama-cpp");

/**
 * Each kind once a process, and never ended: node-llama-cpp 3.22 prints llama.cpp's log to the
 * terminal from the second instance on.
 */
const instances = new Map<GenerateSettings["gpu"], Promise<Llama>>();

/** What llama.cpp complained of first in the work at hand, which tends to be the cause. */
let complaint = "";

/**
 * Starts llama.cpp from the binaries that came with the installation; nothing is ever built or
 * downloaded, and nothing printed.
 *
 * @throws {StageError} `E_UNSUPPORTED` if there are none for this machine or this kind of GPU.
 */
export function openLlama(gpu: GenerateSettings["gpu"]): Promise<Llama> {
  const running = instances.get(gpu) ?? startLlama(gpu);
  instances.set(gpu, running);
  return running;
}

async function startLlama(gpu: GenerateSettings["gpu"]): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await nodeLlamaCpp();
  const llama = await getLlama({
    gpu: gpu === "cpu" ? false : gpu,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    // Its own limit may exceed the cores there are, and threads that wait spin.
    maxThreads: 0,
    logLevel: LlamaLogLevel.error,
    logger: (_level, message) => {
      complaint ||= message.trim();
    },
  }).catch((cause: unknown) => {
    throw noBinaries(gpu, messageOf(cause), cause);
  });
  // On another platform than Apple's, "metal" quietly gives the processor.
  if (gpu === "auto" || gpu === "cpu" || llama.gpu === gpu) return llama;
  await llama.dispose();
  throw noBinaries(gpu, `only ${llama.gpu || "cpu"} is to be had`);
}

const noBinaries = (gpu: string, reason: string, cause?: unknown) =>
  new StageError("E_UNSUPPORTED", `llama.cpp cannot be started with gpu "${gpu}": ${reason}`, {
    hint: `Install the optional @node-llama-cpp packages for ${process.platform}-${process.arch}, or use gpu "cpu".`,
    cause,
  });

/** Loads a model whose header has been looked at. */
export async function loadModel(
  llama: Llama,
  header: ModelHeader,
  signal: AbortSignal | undefined,
): Promise<LlamaModel> {
  complaint = "";
  try {
    return await llama.loadModel({ modelPath: header.path, ...(signal && { loadSignal: signal }) });
  } catch (cause) {
    const error = await loadError(`Cannot load ${header.path}`, cause, signal);
    if (!complaint.includes("unknown model architecture")) throw error;
    throw unsupportedArchitecture(header.path, header.architecture, cause);
  }
}

/** Makes room for `size` tokens, and applies `adapter`. */
export async function createSequence(
  model: LlamaModel,
  size: number,
  { adapter, threads }: GenerateSettings,
  signal: AbortSignal | undefined,
): Promise<LlamaContextSequence> {
  complaint = "";
  try {
    const context = await model.createContext({
      contextSize: size,
      threads: threads ?? defaultThreads(model.llama),
      ...(adapter !== undefined && { lora: adapter }),
      ...(signal && { createSignal: signal }),
    });
    return context.getSequence();
  } catch (cause) {
    const what = adapter === undefined ? "" : ` with the adapter ${adapter}`;
    throw await loadError(`Cannot make a context of ${size} tokens${what}`, cause, signal);
  }
}

/** Cores that are good for arithmetic, as far as this process may use them. */
const defaultThreads = (llama: Llama): number =>
  Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()));

async function loadError(
  message: string,
  cause: unknown,
  signal: AbortSignal | undefined,
): Promise<StageError> {
  throwIfAborted(signal);
  // llama.cpp's log comes from another thread, by way of the event loop.
  await setImmediate();
  const { InsufficientMemoryError } = await nodeLlamaCpp();
  const reason = complaint === "" ? messageOf(cause) : `${messageOf(cause)} (${complaint})`;
  const text = `${message}: ${reason}`;
  return cause instanceof InsufficientMemoryError
    ? new StageError("E_MEMORY", text, {
        hint: "Use a smaller model, a smaller quantisation or a shorter context.",
        cause,
      })
    : new StageError("E_INPUT", text, { cause });
}
