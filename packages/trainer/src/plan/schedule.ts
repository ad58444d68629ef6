/** Warm-up takes this share of the steps, */
const WARM_UP_SHARE = 0.1;
/** but at least and at most these many, */
const WARM_UP_STEPS = [100, 1000] as const;
/** and never more than this share: short trainings must get to learn at full speed. */
const MAX_WARM_UP_SHARE = 0.2;

/** How far a training is; everything that the learning rate depends on. */
export interface Progress {
  /** Optimizer steps taken. */
  step: number;
  /** Steps that are planned in all; may change while time is short. */
  planned: number;
  /** Share of the schedule that is behind, 0 to 1. */
  share: number;
  /** Share of the schedule over which the learning rate rises. */
  warmUpShare: number;
}

/** The beginning of a training of `planned` steps. */
export function startProgress(planned: number): Progress {
  const [least, most] = WARM_UP_STEPS;
  const steps = Math.min(Math.max(WARM_UP_SHARE * planned, least), most);
  return {
    step: 0,
    planned,
    share: 0,
    warmUpShare: Math.min(steps / planned, MAX_WARM_UP_SHARE),
  };
}

/**
 * One step further. The rest of the schedule is spread over the steps that are left, so that it
 * ends with the last of them even if their number was corrected on the way.
 */
export function advance(progress: Progress): Progress {
  const { step, planned, share } = progress;
  const left = Math.max(1, planned - step);
  return { ...progress, step: step + 1, share: share + (1 - share) / left };
}

/** How the learning rate goes on after the warm-up. */
export type Schedule = "cosine" | "linear" | "constant";

/** Share of the peak when `share` of the way after the warm-up is behind. */
const COURSES: Record<Schedule, (share: number) => number> = {
  /** Half a cosine (Loshchilov and Hutter, https://arxiv.org/abs/1608.03983). */
  cosine: (share) => (1 + Math.cos(Math.PI * share)) / 2,
  linear: (share) => 1 - share,
  constant: () => 1,
};

/** Learning rate of the next step: up to `peak` in a line, then on as `schedule` says. */
export function learningRate(
  peak: number,
  progress: Progress,
  schedule: Schedule = "cosine",
): number {
  const { warmUpShare } = progress;
  const middle = (progress.share + advance(progress).share) / 2;
  if (middle < warmUpShare) return (peak * middle) / warmUpShare;
  return peak * COURSES[schedule]((middle - warmUpShare) / (1 - warmUpShare));
}
