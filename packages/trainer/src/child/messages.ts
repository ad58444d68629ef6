import type { Progress, StageErrorCode, TrainingReport } from "@repotune/schema";
import type { TrainOptions } from "../options.ts";
import type { Rehearsal } from "../rehearse.ts";

/** What the child can do, and what comes of it. */
export interface TaskResults {
  train: TrainingReport;
  rehearse: Rehearsal;
}

/** What the parent tells the child. */
export type ParentMessage =
  | { type: keyof TaskResults; options: TrainOptions }
  /** Finish the step, write a checkpoint, fail with `E_INTERRUPTED`. */
  | { type: "stop" };

/** What the child tells the parent. */
export type ChildMessage =
  | { type: "progress"; progress: Progress }
  | { type: "notice"; notice: string }
  | { type: "done"; result: TaskResults[keyof TaskResults] }
  | { type: "error"; error: ChildError };

/** An error on its way between processes, which would lose its class. */
export interface ChildError {
  /** `null` for an error that was not thrown on purpose. */
  code: StageErrorCode | null;
  message: string;
  hint: string | undefined;
  stack: string | undefined;
}
