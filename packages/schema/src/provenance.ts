import { type Static, Type } from "typebox";

/** Fields that every JSON artefact carries, so that it can be traced and reproduced. */
export const provenance = {
  schema_version: Type.String({
    pattern: "^\\d+\\.\\d+\\.\\d+$",
    description: "Version of the format.",
  }),
  producer: Type.Object(
    { name: Type.String(), version: Type.String() },
    { description: "Package that wrote the file." },
  ),
  options: Type.Record(Type.String(), Type.Unknown(), {
    description: "The producer's options, resolved.",
  }),
  input_hash: Type.String({
    description: "SHA-256 (hex) over the producer's inputs; equal inputs give equal hashes.",
  }),
};

const ProvenanceSchema = Type.Object(provenance);

/** Where an artefact comes from. */
export type Provenance = Static<typeof ProvenanceSchema>;

/** A stage's options as artefacts record them: `maxMinutes` becomes `max_minutes`. */
export const recordedOptions = (options: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
