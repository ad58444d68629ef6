import { isStageError, messageOf } from "@repotune/schema";
import type { TrainOptions } from "../options.ts";
import { rehearse } from "../rehearse.ts";
import { train } from "../train.ts";
import type { ChildMessage, ParentMessage } from "./messages.ts";

/** The program of the child process: one training or dry run, by order of the parent. */

const stop = new AbortController();

// On a terminal, Ctrl-C reaches every process. The parent decides what it means.
process.on("SIGINT", () => undefined);
// Nobody is left to train for.
process.on("disconnect", () => process.exit(1));

process.on("message", (message: ParentMessage) => {
  if (message.type === "stop") stop.abort();
  else void run(message.type === "train" ? train : rehearse, message.options);
});

async function run(task: typeof train | typeof rehearse, options: TrainOptions): Promise<void> {
  let last: ChildMessage;
  try {
    const result = await task(options, {
      signal: stop.signal,
      onProgress: (progress) => send({ type: "progress", progress }),
      onNotice: (notice) => send({ type: "notice", notice }),
    });
    last = { type: "done", result };
  } catch (error) {
    const isExpected = isStageError(error);
    last = {
      type: "error",
      error: {
        code: isExpected ? error.code : null,
        message: messageOf(error),
        hint: isExpected ? error.hint : undefined,
        stack: error instanceof Error ? error.stack : undefined,
      },
    };
  }
  // Only once the message is on its way; the parent then closes the channel.
  process.send?.(last, () => process.exit(0));
}

const send = (message: ChildMessage) => process.send?.(message);
