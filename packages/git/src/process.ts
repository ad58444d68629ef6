import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { StageError } from "@repotune/schema";
import type { BulkOutput } from "./bulk-output.ts";

/** So much of what git says on stderr is kept; the end says why it failed. */
const STDERR_BYTES = 16 << 10;

/** So much of its output is taken from a process before anyone reads it. */
const AHEAD_BYTES = 1 << 20;

/** A running git process. */
export interface GitProcess {
  /** Errors of writing are not thrown here: a process that ended early says why in `done`. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  /**
   * Gives back a piece of `stdout` of which nothing is used any more, so that bulk output comes
   * into the same memory again. Who keeps pieces just does not.
   */
  release(piece: Buffer): void;
  /** The end of what git wrote to stderr so far. */
  readonly stderr: string;
  /**
   * Settles once the process has ended and its output is read or discarded.
   *
   * Rejects with `E_GIT` unless it exits with 0 (a rejection nobody waits for is no fault).
   */
  readonly done: Promise<void>;
  /** Exit status once ended; null while it runs, and if a signal ended it. */
  readonly exitCode: number | null;
  /** Ends the process at once; `done` and reading `stdout` then fail with `reason`. */
  kill(reason?: Error): void;
}

/**
 * Starts `git` with exactly the given environment.
 *
 * @param bulk where its output is to go, if that is much.
 */
export function spawnGit(
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
  bulk?: BulkOutput,
): GitProcess {
  const stdio: StdioOptions = ["pipe", bulk?.writable ?? "pipe", "pipe"];
  const child = spawn("git", args, { ...options, stdio, windowsHide: true });
  bulk?.writable.destroy(); // git has it now, and its end is the end of the output.
  const stdin = child.stdin as Writable;
  stdin.on("error", () => undefined); // EPIPE; `done` tells.
  const stdout = bulk?.stdout ?? readAhead(child.stdout as Readable);
  stdout.on("error", () => undefined); // Whoever reads it gets the error; nobody may be reading.
  let stderr = "";
  let killedFor: Error | undefined;
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_BYTES);
  });
  const done = ended(child, args, () => stderr).catch((error: unknown) => {
    throw killedFor ?? error;
  });
  done.catch(() => undefined);
  return {
    stdin,
    stdout,
    done,
    release(piece) {
      bulk?.stdout.release(piece);
    },
    get stderr() {
      return stderr;
    },
    get exitCode() {
      return child.exitCode;
    },
    kill(reason = gitFailed(args, "It was stopped.")) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      killedFor ??= reason;
      child.kill("SIGKILL");
      child.stdout?.destroy();
      stdout.destroy(reason);
    },
  };
}

/** When a child exits, Node throws away output that has no reader yet: be one from the start. */
function readAhead(output: Readable): Readable {
  const ahead = output.pipe(new PassThrough({ highWaterMark: AHEAD_BYTES }));
  output.on("error", (error) => ahead.destroy(error));
  return ahead;
}

function ended(child: ChildProcess, args: readonly string[], stderr: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on("error", (cause: NodeJS.ErrnoException) => {
      reject(cause.code === "ENOENT" ? gitNotFound(cause) : gitFailed(args, cause.message, cause));
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(gitFailed(args, stderr() || `It ended with ${signal ?? `status ${code}`}.`));
    });
  });
}

/** The one error for a git command that did not succeed. */
export function gitFailed(args: readonly string[], reason: string, cause?: unknown): StageError {
  return new StageError("E_GIT", `git ${commandOf(args)} failed: ${reason.trim()}`, { cause });
}

/** The error for a machine without git. */
export const gitNotFound = (cause?: unknown): StageError =>
  new StageError("E_GIT", "There is no git on this machine's PATH.", {
    hint: "Install git 2.32 or later (https://git-scm.com).",
    cause,
  });

/** The subcommand: the first argument that is neither an option nor the value of `-c`. */
const commandOf = (args: readonly string[]) =>
  args.find((arg, index) => !arg.startsWith("-") && args[index - 1] !== "-c") ?? "";
