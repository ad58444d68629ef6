// Writes the JSON Schema files next to the built code, so that tools in any language can use
// `@repotune/schema/commit.schema.json` and its siblings.
import { writeFile } from "node:fs/promises";
import * as schema from "../dist/index.js";

const files = {
  commit: schema.CommitSchema,
  "commit-line": schema.CommitLineSchema,
  commits: schema.CommitsFileSchema,
  "commits-meta": schema.CommitsSidecarSchema,
  "commits-lineage": schema.LineageSchema,
  chunk: schema.ChunkSchema,
  "chunking-stats": schema.ChunkingStatsSchema,
  dataset: schema.DatasetSchema,
  "history-stats": schema.HistoryStatsSchema,
  manifest: schema.ManifestSchema,
  "training-report": schema.TrainingReportSchema,
  "vocab-stats": schema.VocabStatsSchema,
};

/** TypeBox writes tuples as drafts before 2020-12 did: a list of items. */
const inDraft2020 = (_key, value) => {
  if (!Array.isArray(value?.items)) return value;
  const { items, additionalItems: _, ...rest } = value;
  return { ...rest, prefixItems: items, items: false };
};

for (const [name, value] of Object.entries(files)) {
  const document = { $schema: "https://json-schema.org/draft/2020-12/schema", ...value };
  await writeFile(
    new URL(`../dist/${name}.schema.json`, import.meta.url),
    `${JSON.stringify(document, inDraft2020, 2)}\n`,
  );
}
