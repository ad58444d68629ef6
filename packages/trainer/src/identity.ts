import { join } from "node:path";
import { modelPaths } from "@repotune/ggml";
import { hashFile, hashText, SCHEMA_VERSION } from "@repotune/schema";
import type { TrainingIdentity } from "./checkpoint.ts";
import { type TrainOptions, trainingOptions } from "./options.ts";

/** All that the course of a training depends on. */
export async function identityOf(options: TrainOptions): Promise<TrainingIdentity> {
  const { dataset, base, adapter, replayDataset } = options;
  return {
    dataset: await hashFile(join(dataset, "dataset.json")),
    base: base === "scratch" ? base : await hashModel(base),
    ...(adapter !== "" && { adapter: await hashFile(adapter) }),
    ...(replayDataset !== "" && { replay: await hashFile(join(replayDataset, "dataset.json")) }),
    options: hashText(JSON.stringify(trainingOptions(options))),
    format: SCHEMA_VERSION,
  };
}

async function hashModel(path: string): Promise<string> {
  const hashes: string[] = [];
  for (const part of modelPaths(path)) hashes.push(await hashFile(part));
  return hashes.length === 1 ? (hashes[0] as string) : hashText(hashes.join(" "));
}
