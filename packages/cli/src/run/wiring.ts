import { join } from "node:path";
import { readOptions } from "@repotune/schema/command";
import { stages } from "../stages.ts";
import type { Configuration } from "./configuration.ts";

/**
 * Tokens of the vocabulary of a model from scratch, unless configured otherwise. The default model has
 * 0.8 million weights in its layers; 16,384 embeddings would be 2.1 million.
 */
const SCRATCH_VOCAB_SIZE = 4096;

/** What a run is about. */
export interface Wiring {
  /** Repository to learn from. */
  repo: string;
  /** Folder for everything a run makes. */
  out: string;
  /** `scratch`, or the path of a GGUF. */
  base: string;
}

/** Options of every stage, by verb. */
export interface PipelineOptions {
  /** Complete and checked, with defaults and paths. */
  options: Record<string, Record<string, unknown>>;
  /** Names of the options that only say where files are; a result does not depend on them. */
  paths: Record<string, readonly string[]>;
}

/**
 * Connects the stages: where each finds its inputs and leaves its outputs, below `out`.
 *
 * @throws {StageError} `E_USAGE` naming an option of `configuration` that does not fit.
 */
export function pipelineOptions(
  { repo, out, base }: Wiring,
  configuration: Configuration = {},
): PipelineOptions {
  const commits = join(out, "commits.jsonl");
  const chunks = join(out, "chunks.jsonl");
  const tokens = join(out, "tokens");
  const dataset = join(out, "dataset");
  const wired: Record<string, Record<string, string>> = {
    scrape: { repo, output: commits },
    chunk: { commits, repo, output: chunks },
    tokenize: { chunks, commits, outputDir: tokens, ...(base !== "scratch" && { base }) },
    build: { tokens, commits, outputDir: dataset },
    train: { dataset, base, outputDir: join(out, "model") },
  };
  const defaults: Record<string, Record<string, unknown>> = base === "scratch"
    ? { tokenize: { vocabSize: SCRATCH_VOCAB_SIZE } }
    : {};
  const options: PipelineOptions["options"] = {};
  const paths: PipelineOptions["paths"] = {};
  for (const { verb, options: schema } of stages) {
    options[verb] = readOptions(schema, {
      ...defaults[verb],
      ...configuration[verb],
      ...wired[verb],
    });
    paths[verb] = Object.keys(wired[verb] ?? {});
  }
  return { options, paths };
}
