import { type Static, Type } from "typebox";

/** Formats that a dataset is exported to. */
const EXPORT_FORMATS = ["parquet", "jsonl", "safetensors", "npy", "text"] as const;

/** Options of the export. */
export const ExportOptionsSchema = Type.Object({
  dataset: Type.String({ default: "dataset", description: "Folder with dataset.json." }),
  format: Type.Enum([...EXPORT_FORMATS], {
    default: "parquet",
    description:
      "parquet: ids and labels in Hugging Face's layout; jsonl: prompts and completions; safetensors: contexts and targets; npy: the token stream; text.",
  }),
  outputDir: Type.String({ default: "export", description: "Folder to write." }),
  tokenizer: Type.Optional(
    Type.String({
      description: "tokenizer.json to write text with, where the dataset has none of its own.",
    }),
  ),
  minLossWeight: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 100,
    description:
      "Tokens whose loss weighs less, in percent, count as given: other formats know no weights.",
  }),
  shardMegabytes: Type.Integer({
    default: 500,
    minimum: 1,
    maximum: 100_000,
    description: "Ids and labels in one Parquet file, before compression.",
  }),
  estimate: Type.Boolean({
    default: false,
    description: "Only say how large the export would be.",
  }),
});

/** Options of the export, after defaults. */
export type ExportOptions = Static<typeof ExportOptionsSchema>;
