import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  type StageContext,
  StageError,
  type TrainingReport,
  throwIfAborted,
} from "@repotune/schema";
import type { TrainOptions } from "../options.ts";
import type { Rehearsal } from "../rehearse.ts";
import type { ChildError, ChildMessage, ParentMessage, TaskResults } from "./messages.ts";

/** What a dying child said last is worth this much. */
const KEPT_STDERR = 4_000;

/**
 * Trains in a process of its own, because ggml ends the process when one of its assertions fails.
 *
 * When `context.signal` is aborted, the child finishes its step and writes a checkpoint first.
 *
 * @throws {StageError} what `train` throws; `E_INTERNAL` if the child dies, with its last words;
 *   `E_MEMORY` if the system killed it.
 */
export const trainInChild = (
  options: TrainOptions,
  context: StageContext = {},
): Promise<TrainingReport> => inChild("train", options, context);

/**
 * Plans a training and times some of its steps in a process of its own.
 *
 * @throws {StageError} what `rehearse` throws, and as {@link trainInChild}.
 */
export const rehearseInChild = (
  options: TrainOptions,
  context: StageContext = {},
): Promise<Rehearsal> => inChild("rehearse", options, context);

async function inChild<Task extends keyof TaskResults>(
  task: Task,
  options: TrainOptions,
  context: StageContext,
): Promise<TaskResults[Task]> {
  throwIfAborted(context.signal);
  const child = fork(workerPath(), [], {
    execArgv: [],
    serialization: "advanced", // JSON has no Infinity
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-KEPT_STDERR);
  });
  const send = (message: ParentMessage) => {
    // It may be dying; then its exit tells all there is to tell.
    if (child.connected) child.send(message, () => undefined);
  };
  const stop = () => send({ type: "stop" });
  context.signal?.addEventListener("abort", stop, { once: true });
  try {
    send({ type: task, options });
    const last = await lastMessage(child, context, () => stderr);
    if (last.type === "done") return last.result as TaskResults[Task];
    throw revive(last.error);
  } finally {
    context.signal?.removeEventListener("abort", stop);
    if (child.connected) child.disconnect();
  }
}

/** Waits for the child's result, or its death. */
function lastMessage(child: ChildProcess, context: StageContext, stderr: () => string) {
  return new Promise<Extract<ChildMessage, { type: "done" | "error" }>>((resolve, reject) => {
    child.on("message", (message: ChildMessage) => {
      if (message.type === "progress") context.onProgress?.(message.progress);
      else if (message.type === "notice") context.onNotice?.(message.notice);
      else resolve(message);
    });
    child.on("error", (cause) =>
      reject(new StageError("E_INTERNAL", "The training process cannot be started.", { cause })),
    );
    // `close` comes after all of stderr was read, and after a result that was sent.
    child.on("close", (code, signal) => reject(deathOf(code, signal, stderr())));
  });
}

function deathOf(code: number | null, signal: string | null, stderr: string): StageError {
  const words = stderr.trim().split("\n").slice(-5).join("\n");
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const isKilled = signal === "SIGKILL";
  return new StageError(
    isKilled ? "E_MEMORY" : "E_INTERNAL",
    `The training process ${how}.${words === "" ? "" : `\n${words}`}`,
    {
      hint: `${isKilled ? "The system may have run out of memory: choose a smaller model or batch. " : ""}The last checkpoint is kept; the next run goes on from there.`,
    },
  );
}

function revive({ code, message, hint, stack }: ChildError): Error {
  if (code !== null) return new StageError(code, message, { hint });
  return Object.assign(new Error(message), { stack });
}

/** The built worker, also when this module runs from its source. */
const workerPath = () =>
  fileURLToPath(
    new URL(
      import.meta.url.endsWith(".ts") ? "../../dist/worker.js" : "./worker.js",
      import.meta.url,
    ),
  );
