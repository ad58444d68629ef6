import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ChildMessage } from "../../src/child/messages.ts";
import type { TrainOptions } from "../../src/options.ts";
import { Random } from "../../src/random.ts";

/** How a training with interruptions went. */
export interface KilledTraining {
  /** Times that its process was killed. */
  kills: number;
  /** Notices of resumed runs. */
  notices: string[];
  /** Seconds that its runs took, the killed ones included. */
  seconds: number;
}

/**
 * Trains in a process that is killed again and again, each time at another moment, and started again.
 * A run that gets through ends it.
 *
 * @param kills so many times.
 * @param longest seconds after which it is killed at the latest.
 */
export async function trainWithKills(
  options: TrainOptions,
  kills: number,
  longest: number,
  seed = 1,
): Promise<KilledTraining> {
  const random = new Random(seed);
  const began = performance.now();
  const notices: string[] = [];
  let killed = 0;
  for (;;) {
    const isKilled = killed < kills;
    const end = await runOnce(options, notices, {
      delay: isKilled ? 1000 * longest * random.uniform() : Number.POSITIVE_INFINITY,
      // However fast the machine is, steps are left for the kills that are to come.
      steps: isKilled ? options.steps / (kills + 1) / 2 : Number.POSITIVE_INFINITY,
    });
    if (end === "killed") killed += 1;
    else return { kills: killed, notices, seconds: (performance.now() - began) / 1000 };
  }
}

/** Starts a run, and kills it `delay` milliseconds after its first notice, or after so many steps. */
function runOnce(
  options: TrainOptions,
  notices: string[],
  { delay, steps }: { delay: number; steps: number },
) {
  return new Promise<"killed" | "done">((resolve, reject) => {
    const child: ChildProcess = fork(
      fileURLToPath(new URL("../../dist/worker.js", import.meta.url)),
      [],
      { execArgv: [], serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    let timer: NodeJS.Timeout | undefined;
    let taken = 0;
    child.on("message", (message: ChildMessage) => {
      if (message.type === "notice") notices.push(message.notice);
      if (message.type === "error") reject(new Error(message.error.message));
      if (message.type === "done") resolve("done");
      if (message.type !== "done" && delay < Number.POSITIVE_INFINITY) {
        timer ??= setTimeout(() => child.kill("SIGKILL"), delay);
      }
      if (message.type === "progress" && ++taken >= steps) child.kill("SIGKILL");
    });
    child.on("exit", (_, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve("killed");
      else reject(new Error(`The process ended with ${signal}.`));
    });
    child.send({ type: "train", options });
  });
}
