import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Device, GgufFile, type GgufValue } from "@repotune/ggml";
import type { ExportCheck, StageContext } from "@repotune/schema";
import type { TokenSplit } from "../data/token-split.ts";
import type { Engine } from "../engine/engine.ts";
import { AdapterFile } from "../model/adapter-file.ts";
import type { ParameterStore } from "../model/parameter.ts";
import type { MERGE_TYPES } from "../options.ts";
import { type Corrections, correctionsOf, loraOf, randomErrors } from "./corrections.ts";
import {
  type CheckedFile,
  type CheckParts,
  checkFile,
  rejection,
  summary,
} from "./export-check.ts";
import { HeldOut, type Predictions } from "./held-out.ts";
import type { MergeType } from "./merge-types.ts";
import { writeAdapter } from "./write-adapter.ts";
import { writeMerged } from "./write-merged.ts";
import { writeModel } from "./write-model.ts";

/** What is to be written, and from what. */
export interface ExportParts {
  outputDir: string;
  /** Path of the base, or `scratch`. */
  base: string;
  merge: (typeof MERGE_TYPES)[number];
  /** The trained model. */
  engine: Engine;
  /** Called once the model is written: frees it, so that there is room for what is read again. */
  release(): Promise<void>;
  load: CheckParts["load"];
  /** Held-out text. */
  validation: TokenSplit;
  seed: number;
  threads: number;
  /** What a model that was trained as a whole says of itself. */
  metadata: readonly (readonly [string, GgufValue])[];
  context: StageContext;
}

/**
 * Writes what was trained: an adapter or a whole model, and if wanted a merged one. Each file has its
 * name only after it was read again and found to say what the weights in memory said; until then it
 * is called `….unchecked.gguf`, and if it says something else `….rejected.gguf`.
 *
 * @throws {StageError} `E_OUTPUT` for files that do not hold what was trained, and what
 *   {@link writeMerged} throws.
 */
export async function exportTrained(parts: ExportParts): Promise<ExportCheck> {
  const { outputDir, engine, validation, seed, load, context } = parts;
  const heldOut = await HeldOut.open(validation, engine.shape.sequenceLength, seed);
  const trained = await heldOut.predict(engine);
  const corrections = correctionsOf(engine.model);
  const base = corrections.size > 0 ? await withoutCorrections(engine, heldOut) : undefined;
  // Results of an earlier training would not belong to the report.
  for (const name of ["model.gguf", "adapter.gguf"]) {
    for (const path of [name, `last-${name}`, name.replace("gguf", "rejected.gguf")]) {
      await rm(join(outputDir, path), { force: true });
    }
  }
  const { files, leftovers } = await writeFiles(corrections, parts);
  await parts.release();
  const checks: CheckParts = { heldOut, trained, base, load, onNotice: context.onNotice };
  const results = [];
  for (const written of files) results.push(await checkFile(written, checks));
  for (const path of leftovers) await rm(path);
  const known = results.filter((result) => result !== undefined);
  const bad = known.filter(({ isGood }) => !isGood);
  for (const { name } of files) {
    const isBad = bad.some((result) => result.file === name);
    await rename(
      inState(outputDir, name, "unchecked"),
      isBad ? inState(outputDir, name, "rejected") : join(outputDir, name),
    );
  }
  const check = summary(checks, known);
  if (bad.length === 0) return check;
  throw rejection(
    bad,
    check.loss,
    bad.map(({ file: name }) => inState(outputDir, name, "rejected")),
  );
}

/** `model.unchecked.gguf` for `model.gguf`. */
const inState = (outputDir: string, name: string, state: "unchecked" | "rejected" | "exact") =>
  join(outputDir, name.replace(/gguf$/, `${state}.gguf`));

/** What the base alone says: the trained model with its corrections taken away for a moment. */
async function withoutCorrections(engine: Engine, heldOut: HeldOut): Promise<Predictions> {
  const factors = [...engine.model.weights].flatMap(({ lora }) => (lora ? [lora.b.value] : []));
  const trained = factors.map((factor) => factor.read());
  for (const factor of factors) factor.clear();
  try {
    return await heldOut.predict(engine);
  } finally {
    for (const [i, factor] of factors.entries()) factor.write(trained[i] as Float32Array);
  }
}

/** Writes all files, under names that say that they were not checked. */
async function writeFiles(
  corrections: Corrections,
  parts: ExportParts,
): Promise<{ files: CheckedFile[]; leftovers: string[] }> {
  const { outputDir, merge, base, engine, seed } = parts;
  const { model } = engine;
  const adapter = inState(outputDir, "adapter.gguf", "unchecked");
  const whole = inState(outputDir, "model.gguf", "unchecked");
  // An engine wants something to train: a correction that stays zero.
  const uncorrected = {
    rank: 1,
    alpha: 1,
    targets: model.architecture.loraTargets.slice(0, 1),
    seed,
  };
  const wholeFile = { path: whole, name: "model.gguf", lora: uncorrected };
  if (corrections.size > 0) {
    const lora = loraOf(corrections);
    await writeAdapter(adapter, model);
    const prepare = (loaded: Engine) => readAdapter(adapter, loaded.model.parameters);
    const file = { path: base, name: "adapter.gguf", types: "F32", lora, prepare };
    if (merge === "none") return { files: [file], leftovers: [] };
    const writeControl = await merged(base, merge, corrections, parts);
    return { files: [file, { ...wholeFile, types: merge, writeControl }], leftovers: [] };
  }
  if (merge === "none" || merge === "base" || merge === "F32") {
    await writeModel(whole, model, parts.metadata);
    return { files: [{ ...wholeFile, types: "F32" }], leftovers: [] };
  }
  const exact = inState(outputDir, "model.gguf", "exact");
  await writeModel(exact, model, parts.metadata);
  const writeControl = await merged(exact, merge, corrections, parts);
  return { files: [{ ...wholeFile, types: merge, writeControl }], leftovers: [exact] };
}

async function readAdapter(path: string, parameters: ParameterStore): Promise<void> {
  const file = await AdapterFile.open(path);
  await file.load(parameters).finally(() => file.close());
}

/**
 * Writes the merged file.
 *
 * @returns how to write its control.
 */
async function merged(
  source: string,
  merge: MergeType,
  corrections: Corrections,
  { outputDir, threads, seed, context: { signal } }: ExportParts,
): Promise<NonNullable<CheckedFile["writeControl"]>> {
  const write = async (path: string, corrections: (file: GgufFile) => Promise<Corrections>) => {
    const base = await GgufFile.open(source);
    const device = Device.open("cpu", threads);
    try {
      await writeMerged(path, {
        base,
        merge,
        corrections: await corrections(base),
        device,
        signal,
      });
    } finally {
      device.dispose();
      await base.close();
    }
    return path;
  };
  await write(inState(outputDir, "model.gguf", "unchecked"), async () => corrections);
  const control = join(outputDir, "control.gguf");
  return () => write(control, (base) => randomErrors(base, merge, seed));
}
