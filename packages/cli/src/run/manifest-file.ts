import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Manifest,
  ManifestSchema,
  readJsonFile,
  SCHEMA_VERSION,
  type StageRecord,
  writeJsonFile,
} from "@repotune/schema";
import { producer } from "../producer.ts";
import { stages } from "../stages.ts";

/** The manifest of the run in folder `out`; an empty one if there is none yet. */
export async function readManifest(out: string, repository: string): Promise<Manifest> {
  const path = join(out, "manifest.json");
  if (existsSync(path)) return { ...(await readJsonFile(path, ManifestSchema)), repository };
  return {
    schema_version: SCHEMA_VERSION,
    producer,
    repository,
    stages: [],
  };
}

/** Puts `record` in its stage's place and writes the manifest. */
export async function addToManifest(
  out: string,
  manifest: Manifest,
  record: StageRecord,
): Promise<void> {
  const others = manifest.stages.filter(({ stage }) => stage !== record.stage);
  const order = stages.map(({ verb }) => verb);
  manifest.producer = producer;
  manifest.stages = [...others, record].sort(
    (a, b) => order.indexOf(a.stage) - order.indexOf(b.stage),
  );
  await writeJsonFile(join(out, "manifest.json"), manifest);
}
