import { stat } from "node:fs/promises";
import { relative, resolve } from "node:path";
import {
  fileSize,
  hashFile,
  hashText,
  type Manifest,
  makeFolder,
  messageOf,
  recordedOptions,
  SCHEMA_VERSION,
  type Stage,
  StageError,
  type StageRecord,
  throwIfAborted,
} from "@repotune/schema";
import type { Reporter } from "@repotune/schema/command";
import { stages } from "../stages.ts";
import type { Configuration } from "./configuration.ts";
import { addToManifest, readManifest } from "./manifest-file.ts";
import { pipelineOptions, type Wiring } from "./wiring.ts";

export interface RunOptions extends Wiring {
  /** Options of the stages beside those that connect them. */
  configuration?: Configuration;
  /** Last stage to run, by verb. @default "train" */
  stage?: string | undefined;
  /** Run again what is up to date: the stage named by `stage`, or all. @default false */
  force?: boolean;
}

export interface RunResult {
  manifest: Manifest;
  /** Verbs of the stages that had to run. */
  ran: string[];
}

/**
 * Runs the pipeline into `options.out`, skipping each stage whose inputs, options and version are
 * those of its record in `manifest.json` and whose outputs are still what it wrote.
 *
 * @throws {StageError} whatever a stage throws; finished stages stay recorded.
 */
export async function runPipeline(options: RunOptions, reporter: Reporter): Promise<RunResult> {
  const { out, force = false } = options;
  const last = stages.findIndex(({ verb }) => verb === (options.stage ?? "train"));
  if (last < 0) {
    throw new StageError("E_USAGE", `There is no stage "${options.stage}".`, {
      hint: `Stages are ${stages.map(({ verb }) => verb).join(", ")}.`,
    });
  }
  const pipeline = pipelineOptions(options, options.configuration);
  await prepareFolder(out);
  const manifest = await readManifest(out, resolve(options.repo));
  const hashes = new Map<string, string>();
  const ran: string[] = [];

  for (const stage of stages.slice(0, last + 1)) {
    const { verb } = stage;
    throwIfAborted(reporter.context.signal);
    const stageOptions = pipeline.options[verb] ?? {};
    const settled = resultOptions(stage, stageOptions, pipeline.paths[verb] ?? []);
    const inputHash = await hashInputs(stage, stageOptions, reporter, hashes);
    const record = manifest.stages.find((known) => known.stage === verb);
    const isForced = force && (options.stage === undefined || options.stage === verb);
    if (!isForced && record && (await isCurrent(record, stage, settled, inputHash, out, hashes))) {
      reporter.upToDate(verb);
      continue;
    }
    reporter.start(verb);
    const startedAt = new Date();
    const began = performance.now();
    const summary = await stage.run(stageOptions, reporter.context);
    const elapsedMs = performance.now() - began;
    const paths = stage.outputs(stageOptions);
    for (const path of paths) hashes.delete(resolve(path));
    await addToManifest(out, manifest, {
      schema_version: SCHEMA_VERSION,
      producer: stage.producer,
      options: settled,
      input_hash: inputHash,
      stage: verb,
      outputs: await Promise.all(
        paths.map(async (path) => ({
          path: relative(out, path),
          bytes: await fileSize(path),
          sha256: await hashOnce(path, hashes),
        })),
      ),
      started_at: startedAt.toISOString(),
      elapsed_ms: Math.round(elapsedMs),
    });
    reporter.done(verb, summary, elapsedMs);
    ran.push(verb);
  }
  return { manifest, ran };
}

/** The options that decide the result: neither paths nor how fast the work is done. */
function resultOptions(
  stage: Stage,
  options: Record<string, unknown>,
  paths: readonly string[],
): Record<string, unknown> {
  const leftOut = new Set<string>([...paths, ...(stage.incidental ?? [])]);
  return recordedOptions(
    Object.fromEntries(Object.entries(options).filter(([name]) => !leftOut.has(name))),
  );
}

async function hashInputs(
  stage: Stage,
  options: Record<string, unknown>,
  reporter: Reporter,
  hashes: Map<string, string>,
): Promise<string> {
  const parts = [(await stage.fingerprint?.(options, reporter.context)) ?? ""];
  for (const path of stage.inputs(options)) parts.push(await hashOnce(path, hashes));
  return hashText(parts.join("\n"));
}

async function isCurrent(
  record: StageRecord,
  stage: Stage,
  options: Record<string, unknown>,
  inputHash: string,
  out: string,
  hashes: Map<string, string>,
): Promise<boolean> {
  const isSame =
    record.producer.name === stage.producer.name &&
    record.producer.version === stage.producer.version &&
    record.input_hash === inputHash &&
    JSON.stringify(record.options) === JSON.stringify(options);
  if (!isSame) return false;
  for (const { path, bytes, sha256 } of record.outputs) {
    const file = resolve(out, path);
    const info = await stat(file).catch(() => undefined); // A file that is gone is made again.
    if (info?.size !== bytes || (await hashOnce(file, hashes)) !== sha256) return false;
  }
  return true;
}

/** SHA-256 of a file, computed at most once in a run. */
async function hashOnce(path: string, hashes: Map<string, string>): Promise<string> {
  const key = resolve(path);
  const hash = hashes.get(key) ?? (await hashFile(key));
  hashes.set(key, hash);
  return hash;
}

async function prepareFolder(out: string): Promise<void> {
  try {
    await makeFolder(out);
  } catch (cause) {
    throw new StageError("E_OUTPUT", `Cannot make the folder ${out}: ${messageOf(cause)}`, {
      hint: "Choose another one with --out.",
      cause,
    });
  }
}
