import { type Static, Type } from "typebox";
import { provenance } from "./provenance.ts";

const StageRecordSchema = Type.Object({
  ...provenance,
  stage: Type.String({ description: "The subcommand: scrape, chunk, tokenize, build, train." }),
  outputs: Type.Array(
    Type.Object({
      path: Type.String({ description: "Relative to the manifest." }),
      bytes: Type.Integer({ minimum: 0 }),
      sha256: Type.String(),
    }),
  ),
  started_at: Type.String({ description: "ISO 8601, UTC." }),
  elapsed_ms: Type.Integer({ minimum: 0 }),
});

/** One finished stage of a run. */
export type StageRecord = Static<typeof StageRecordSchema>;

/** JSON Schema of `manifest.json`: what a run made, from what, and how long it took. */
export const ManifestSchema = Type.Object(
  {
    schema_version: provenance.schema_version,
    producer: provenance.producer,
    repository: Type.String({ description: "Absolute path of the repository." }),
    stages: Type.Array(StageRecordSchema, { description: "In the order of the pipeline." }),
  },
  { $id: "https://repotune.dev/schema/1/manifest.schema.json", title: "manifest.json" },
);

export type Manifest = Static<typeof ManifestSchema>;
