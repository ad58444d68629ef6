import { rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { availableMemory } from "node:process";
import { type ExportCheck, isStageError, messageOf, StageError } from "@repotune/schema";
import type { Engine } from "../engine/engine.ts";
import type { LoraOptions } from "../model/lora.ts";
import { compare, type Difference, type HeldOut, mean, type Predictions } from "./held-out.ts";

/** Divergence that comes from the order of sums alone, nats a token; measured: below 1e-9. */
const ROUNDING = 1e-5;
/** A file that diverges by less than this share of what the training changed has kept it, */
const KEPT_SHARE = 0.05;
/** if it also diverges by less than this, nats a token. */
const SMALL = 0.01;
/** Errors of quantised weights may cost so many times what random errors of their size cost. */
const CONTROL_FACTOR = 2;
/** Standard errors by which the mean loss may differ. */
const STANDARD_ERRORS = 4;

/** What a file is compared with, and how it is opened. */
export interface CheckParts {
  heldOut: HeldOut;
  /** What the trained weights say, in memory. */
  trained: Predictions;
  /** What the base says without corrections; `undefined` where there is none. */
  base: Predictions | undefined;
  /**
   * Loads a model file, with corrections that are zero at first, and builds an engine for it. The base
   * must lie in memory as it did in training: packed weights are multiplied by other kernels, which
   * for Q4_K alone made a difference of 3·10⁻⁴ nats a token.
   */
  load(path: string, lora: LoraOptions): Promise<LoadedEngine>;
  onNotice?: ((notice: string) => void) | undefined;
}

/** An engine that was made for a check. */
export interface LoadedEngine {
  engine: Engine;
  dispose(): void;
}

/** A file to be checked. */
export interface CheckedFile {
  /** Model to load. */
  path: string;
  /** The name that the file is to have. */
  name: string;
  /** What it is written in. */
  types: string;
  lora: LoraOptions;
  /** Called once the model is loaded. */
  prepare?(engine: Engine): Promise<void>;
  /** Writes a model with errors of the size that the file may have; gives its path. */
  writeControl?(): Promise<string>;
}

type FileCheck = ExportCheck["files"][number];

/** How a written file compares, and whether it is good enough. */
export interface CheckResult extends FileCheck {
  isGood: boolean;
}

/** How far the base is from the trained weights; what every check has in common. */
export function summary(
  { trained, base }: CheckParts,
  results: readonly CheckResult[],
): ExportCheck {
  return {
    tokens: trained.losses.length,
    compared_distributions: trained.logits.length,
    loss: mean(trained.losses),
    divergence_of_base: base ? compare(trained, base).divergence : null,
    files: results.map(({ isGood: _, ...check }) => check),
  };
}

/**
 * Reads a file again, and compares what it says of held-out text with what the trained weights said
 * in memory.
 *
 * An exact file may diverge by rounding alone; one in other types by a small share of what the training
 * changed, or else by twice what random errors as large as those of its types cost the base.
 *
 * @returns `undefined`, with a notice, where there is no memory or no way to load it.
 */
export async function checkFile(
  file: CheckedFile,
  parts: CheckParts,
): Promise<CheckResult | undefined> {
  const { trained, base, onNotice } = parts;
  try {
    const difference = await differenceOf(file, trained, parts);
    const changed = base ? compare(trained, base).divergence : 0;
    const allowed = file.writeControl
      ? Math.max(ROUNDING, Math.min(SMALL, KEPT_SHARE * changed))
      : ROUNDING;
    const lossInMemory = mean(trained.losses);
    const isWithin = (limit: number, slack = 0) =>
      difference.divergence <= limit &&
      Math.abs(difference.loss - lossInMemory) <= slack + lossLimit(limit, trained.losses.length);
    const result = { file: file.name, types: file.types, ...difference };
    if (isWithin(allowed) || !file.writeControl) {
      const limits = { allowed_divergence: allowed, control_divergence: null };
      return { ...result, ...limits, isGood: isWithin(allowed) };
    }
    const control = await controlOf(file.writeControl, file, base ?? trained, parts);
    const limit = Math.max(allowed, CONTROL_FACTOR * control.divergence);
    return {
      ...result,
      allowed_divergence: limit,
      control_divergence: control.divergence,
      isGood: isWithin(limit, CONTROL_FACTOR * control.lossDifference),
    };
  } catch (error) {
    if (!isStageError(error) || !["E_MEMORY", "E_UNSUPPORTED"].includes(error.code)) throw error;
    onNotice?.(`${file.name} was not compared with the trained weights: ${messageOf(error)}`);
    return undefined;
  }
}

/** The error for files that are not what was trained. */
export function rejection(
  bad: readonly CheckResult[],
  lossInMemory: number,
  names: readonly string[],
): StageError {
  const figures = bad.map(
    ({ file, types, loss, divergence, allowed_divergence }) =>
      `${file} (${types}) diverges by ${divergence.toPrecision(3)} nats a token, where ${allowed_divergence.toPrecision(3)} are allowed, and has a loss of ${loss.toFixed(4)} instead of ${lossInMemory.toFixed(4)}`,
  );
  return new StageError("E_OUTPUT", `Read again, ${figures.join("; ")}.`, {
    hint: `See ${names.join(", ")}. Small corrections vanish where weights are rounded to few bits: run again with --merge Q8_0 or F16, which takes the training up from its checkpoint.`,
  });
}

async function controlOf(
  write: NonNullable<CheckedFile["writeControl"]>,
  { lora }: CheckedFile,
  reference: Predictions,
  parts: CheckParts,
) {
  const path = await write();
  try {
    const { loss, divergence } = await differenceOf({ path, lora }, reference, parts);
    return { divergence, lossDifference: Math.abs(loss - mean(reference.losses)) };
  } finally {
    await rm(path, { force: true });
  }
}

async function differenceOf(
  { path, lora, prepare }: Pick<CheckedFile, "path" | "lora" | "prepare">,
  reference: Predictions,
  { heldOut, load }: CheckParts,
): Promise<Difference> {
  const { size } = await stat(path);
  if (size > availableMemory()) {
    throw new StageError("E_MEMORY", `There is no room to load ${basename(path)}.`);
  }
  const { engine, dispose } = await load(path, lora);
  try {
    await prepare?.(engine);
    return compare(reference, await heldOut.predict(engine));
  } finally {
    dispose();
  }
}

/**
 * By how much the mean loss of `tokens` may differ where predictions diverge by `divergence`: that
 * itself, and chance. A log-probability's variance is about twice the divergence.
 */
const lossLimit = (divergence: number, tokens: number) =>
  divergence + STANDARD_ERRORS * Math.sqrt((2 * divergence) / Math.max(1, tokens));
