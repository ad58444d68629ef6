import { createColors } from "picocolors";
import { isStageError, messageOf } from "../error.ts";
import type { Progress, StageContext, StageSummary } from "../stage.ts";
import { visible } from "../visible.ts";
import { hasColor } from "./has-color.ts";

/** Where a command reads and writes; tests pass their own. */
export interface Io {
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  env: Record<string, string | undefined>;
  signal?: AbortSignal | undefined;
}

/** How a command speaks: `events` are lines of JSON for a program to read. */
export type OutputMode = "text" | "quiet" | "events";

/** Draws what a command does for a person, or prints it as events for a program. */
export interface Reporter {
  /** Callbacks to hand to a stage. */
  context: StageContext;
  /** A stage begins. */
  start(stage: string): void;
  /** A stage is done. */
  done(stage: string, summary: StageSummary, elapsedMs: number): void;
  /** A stage was not run, because its result stands. */
  upToDate(stage: string): void;
  /** A line for a person; in events mode an event named `info`. */
  info(text: string): void;
  /** The command fails. */
  error(error: unknown): void;
}

/** At most this often is the bar redrawn or a progress event written. */
const REDRAW_MS = 100;
/** Without a terminal, a line of progress this often shows that work goes on. */
const PLAIN_MS = 15_000;

/**
 * Makes a reporter that writes to `io.stderr` (text) or to `events` (events).
 *
 * @param events stream for events; `stdout` unless the command's data goes there.
 */
export function createReporter(io: Io, mode: OutputMode, events = io.stdout): Reporter {
  const { stderr } = io;
  const isTerminal = stderr.isTTY === true && mode === "text";
  const color = createColors(hasColor(io.env, isTerminal));
  let drawnAt = 0;
  let isBarShown = false;
  let began = performance.now();
  let timed = "";

  const clearBar = () => {
    if (isBarShown) stderr.write("\r\x1b[2K");
    isBarShown = false;
  };
  const line = (text: string) => {
    clearBar();
    if (mode === "text") stderr.write(`${text}\n`);
  };
  const emit = (event: string, fields: object) => {
    if (mode === "events") events.write(`${JSON.stringify({ event, ...fields })}\n`);
  };

  const onProgress = (progress: Progress) => {
    const now = performance.now();
    const key = `${progress.stage} ${progress.unit}`;
    if (timed !== key) {
      timed = key;
      began = now;
      drawnAt = isTerminal || mode === "events" ? Number.NEGATIVE_INFINITY : now;
    }
    const isLast = progress.done === progress.total;
    if (now - drawnAt < (isTerminal || mode === "events" ? REDRAW_MS : PLAIN_MS) && !isLast) return;
    drawnAt = now;
    const remainingMs = remaining(progress, now - began);
    if (mode === "events") {
      emit("progress", {
        ...progress,
        ...(remainingMs !== undefined && { remaining_ms: Math.round(remainingMs) }),
      });
    } else if (isTerminal) {
      stderr.write(`\r\x1b[2K${bar(progress, remainingMs, color, stderr.columns ?? 80)}`);
      isBarShown = true;
    } else if (mode === "text" && !isLast) {
      stderr.write(`  ${describe(progress, remainingMs)}\n`);
    }
  };

  return {
    context: {
      signal: io.signal,
      onProgress,
      onNotice: (notice) => {
        emit("notice", { message: notice });
        line(`${color.yellow("!")} ${visible(notice)}`);
      },
    },
    start(stage) {
      timed = "";
      emit("start", { stage });
      if (isTerminal) return;
      line(`${color.bold(stage)} …`);
    },
    done(stage, summary, elapsedMs) {
      emit("done", { stage, summary, elapsed_ms: Math.round(elapsedMs) });
      if (mode !== "text") return;
      line(
        `${color.green("✓")} ${color.bold(stage)} ${color.dim(duration(elapsedMs))}  ${summaryText(summary)}`,
      );
    },
    upToDate(stage) {
      emit("up_to_date", { stage });
      line(`${color.green("✓")} ${color.bold(stage)} ${color.dim("unchanged")}`);
    },
    info(text) {
      emit("info", { message: text });
      line(visible(text));
    },
    error(error) {
      clearBar();
      const isExpected = isStageError(error);
      const message = messageOf(error);
      const hint = isExpected ? error.hint : undefined;
      emit("error", { code: isExpected ? error.code : "E_INTERNAL", message, hint });
      if (mode === "events") return;
      stderr.write(`${color.red("✗")} ${visible(message)}\n`);
      if (hint) stderr.write(`  ${visible(hint)}\n`);
      if (!isExpected && error instanceof Error) stderr.write(`${color.dim(error.stack ?? "")}\n`);
    },
  };
}

/** Milliseconds left at the rate so far; undefined until a hundredth is done. */
function remaining({ done, total }: Progress, elapsedMs: number): number | undefined {
  if (!total || done <= 0 || elapsedMs < 1000) return undefined;
  return done / total < 0.01 ? undefined : (elapsedMs / done) * (total - done);
}

/** `1h 5m`, `2m 3s`, `4.5s` or `120ms`. */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${Math.floor(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

function describe(progress: Progress, remainingMs: number | undefined): string {
  const { stage, done, total, unit, detail } = progress;
  const amount = total ? `${format(done)} of ${format(total)} ${unit}` : `${format(done)} ${unit}`;
  const figures = Object.entries(detail ?? {}).map(([name, value]) => `${name} ${format(value)}`);
  const left = remainingMs === undefined ? [] : [`${duration(remainingMs)} left`];
  return `${stage} ${[amount, ...figures, ...left].join(", ")}`;
}

function bar(
  progress: Progress,
  remainingMs: number | undefined,
  color: ReturnType<typeof createColors>,
  columns: number,
): string {
  const share = progress.total ? Math.min(1, progress.done / progress.total) : 0;
  const cells = Math.round(share * 20);
  const text = describe(progress, remainingMs).slice(0, Math.max(10, columns - 24));
  return `${color.cyan("█".repeat(cells))}${color.dim("░".repeat(20 - cells))} ${text}`;
}

const summaryText = (summary: StageSummary) =>
  Object.entries(summary)
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) =>
        `${name.replaceAll("_", " ")} ${typeof value === "boolean" ? value : format(value as number | string)}`,
    )
    .join(", ");

const format = (value: string | number) =>
  typeof value === "string"
    ? value
    : Number.isInteger(value)
      ? grouped(value)
      : value.toPrecision(4);

/** `1,234,567`. By hand: the first call of `toLocaleString` takes longer than all else here. */
const grouped = (value: number) => String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
