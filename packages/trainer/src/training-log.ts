import type { SkippedStep, StageContext } from "@repotune/schema";
import type { TrainingState } from "./checkpoint.ts";
import { recordStep } from "./report/loss-history.ts";
import type { Recorder } from "./report/recorder.ts";
import type { StepResult } from "./training-step.ts";

/** Weight of the newest step in the loss that is shown. */
const SHOWN_SHARE = 0.05;
/** Names of sequences in a message. */
const SHOWN_NAMES = 8;

const REASONS: Record<SkippedStep["reason"], string> = {
  not_finite: "loss or gradient is not finite",
  loss_spike: "loss is a spike",
  gradient_spike: "gradient is a spike",
};

/** Writes down what steps did: in the training's state, for the recorder, and for a person. */
export class TrainingLog {
  readonly #context: StageContext;
  readonly #recorder: Recorder;
  #shownLoss: number | undefined;

  constructor(context: StageContext, recorder: Recorder) {
    this.#context = context;
    this.#recorder = recorder;
  }

  /** Takes note of a step that was taken from `state`. */
  taken(
    { progress, lossHistory }: TrainingState,
    { loss, gradientNorm }: StepResult,
    { rate, tokens, seconds }: { rate: number; tokens: number; seconds: number },
  ): void {
    const recorded = {
      step: progress.step + 1,
      loss,
      learning_rate: rate,
      gradient_norm: gradientNorm,
      tokens,
    };
    recordStep(lossHistory, recorded);
    this.#recorder.onStep(recorded, tokens / seconds);
    this.#shownLoss = (1 - SHOWN_SHARE) * (this.#shownLoss ?? loss) + SHOWN_SHARE * loss;
  }

  /** Takes note of a step that changed nothing, on `sequences`. */
  skipped(
    { progress, skipped }: TrainingState,
    { loss, gradientNorm }: StepResult,
    reason: SkippedStep["reason"],
    sequences: string[],
  ): void {
    const step = progress.step + 1;
    const orNull = (value: number) => (Number.isFinite(value) ? value : null);
    skipped.push({
      step,
      reason,
      loss: orNull(loss),
      gradient_norm: orNull(gradientNorm),
      sequences,
    });
    this.#context.onNotice?.(
      `Step ${step} is skipped: its loss is ${loss.toPrecision(4)}, the norm of its gradient ${gradientNorm.toPrecision(4)}. Its sequences: ${listed(sequences)}.`,
    );
  }

  /** Tells how far the training is. */
  progress({ progress, history, before }: TrainingState, tokensPerSecond: number): void {
    const measured = history.at(-1) ?? before;
    this.#context.onProgress?.({
      stage: "trainer",
      done: progress.step,
      total: progress.planned,
      unit: "steps",
      detail: {
        ...(this.#shownLoss !== undefined && { loss: Number(this.#shownLoss.toFixed(3)) }),
        "validation bits/byte": Number(measured.bits_per_byte.toFixed(3)),
        "tokens/s": Math.round(tokensPerSecond),
      },
    });
  }

  /** Goes on with an earlier state. */
  async goBack(earlier: TrainingState): Promise<void> {
    await this.#recorder.close();
    await this.#recorder.begin(earlier.progress.step, earlier.recording);
    this.#shownLoss = undefined;
  }
}

/** Why steps were skipped, and what they were taken on. */
export function skippedReason(skipped: readonly SkippedStep[]): string {
  const last = skipped.at(-1)?.reason ?? "not_finite";
  const names = skipped.flatMap(({ sequences }) => sequences);
  return `${skipped.length} steps in a row were skipped, the last because its ${REASONS[last]} (${listed(names)})`;
}

/** A few of them, and how many more there are. */
function listed(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return `${names.slice(0, SHOWN_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
