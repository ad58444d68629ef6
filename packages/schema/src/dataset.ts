import { type Static, Type } from "typebox";
import { LeakAuditSchema } from "./leak-audit.ts";
import { provenance } from "./provenance.ts";
import { VocabularySchema } from "./tokens.ts";

const Count = (description: string) => Type.Integer({ minimum: 0, description });

const DatasetSplitSchema = Type.Object({
  file: Type.String({ description: "Name of the safetensors file beside dataset.json." }),
  sha256: Type.String(),
  commits: Count("Commits on this side of the cuts, with documents or without."),
  first_commit: Type.String({ description: "Hash of the oldest." }),
  last_commit: Type.String({ description: "Hash of the newest." }),
  date_range: Type.Object(
    {
      first: Type.Union([Type.String(), Type.Null()]),
      last: Type.Union([Type.String(), Type.Null()]),
    },
    { description: "Commit dates, as the commits state them." },
  ),
  documents: Count("Documents."),
  tokens: Count("Tokens in all documents."),
  loss_tokens: Count("Tokens with a loss weight above zero."),
  bytes: Count("Bytes of text that the tokens stand for."),
  sequences: Count("Packed sequences (causal) or windows (context-target)."),
  authors: Count("Distinct author e-mail addresses."),
  new_authors: Type.Optional(Count("Of them, those who are on no earlier side.")),
  downweighted_documents: Type.Optional(
    Count("Documents nearly like an earlier one, whose loss weighs less."),
  ),
  filled_share: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: "Share of the sequences' room that tokens fill; the rest is waste.",
    }),
  ),
  change_types: Type.Record(Type.String(), Count("Chunks.")),
  document_length_histogram: Type.Array(
    Type.Object({
      up_to: Type.Integer({ minimum: 1, description: "Longest document of the bin, in tokens." }),
      documents: Count("Documents longer than the bin before."),
    }),
  ),
});

/** One side of a temporal split. */
export type DatasetSplit = Static<typeof DatasetSplitSchema>;

/** JSON Schema of `dataset.json`. */
export const DatasetSchema = Type.Object(
  {
    ...provenance,
    vocabulary: VocabularySchema,
    tokenizer_file: Type.Union([Type.String(), Type.Null()], {
      description: "tokenizer.json beside dataset.json; null if the base model brings its own.",
    }),
    objective: Type.Enum(["causal", "context-target"]),
    sequence_length: Type.Integer({
      minimum: 2,
      description: "Tokens of a packed sequence, or of context and target together.",
    }),
    split: Type.Object({
      ratios: Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { minItems: 3, maxItems: 3 }),
      validation_starts_at: Type.String({ description: "Hash of the first validation commit." }),
      test_starts_at: Type.String({ description: "Hash of the first test commit." }),
    }),
    splits: Type.Object({
      train: DatasetSplitSchema,
      validation: DatasetSplitSchema,
      test: DatasetSplitSchema,
    }),
    recommended_epochs: Type.Integer({
      minimum: 1,
      description: "clamp(floor(20,000,000 / train tokens), 3, 10).",
    }),
    dropped: Type.Record(Type.String(), Count("Documents or windows left out, by reason.")),
    repaired_dates: Type.Optional(
      Type.Object(
        {
          count: Count("In all."),
          by_fault: Type.Record(Type.String(), Count("Commits.")),
          examples: Type.Array(
            Type.Object({
              commit: Type.String({ description: "Hash." }),
              fault: Type.Enum(["before_1970", "far_future", "out_of_order"]),
              stated_unix: Type.Integer({ description: "The date the commit states." }),
              used_unix: Type.Integer({ description: "The date that stands in for it." }),
            }),
          ),
        },
        { description: "Commit dates that do not agree with who descends from whom." },
      ),
    ),
    leak_audit: Type.Optional(LeakAuditSchema),
  },
  { $id: "https://repotune.dev/schema/1/dataset.schema.json", title: "dataset.json" },
);

export type Dataset = Static<typeof DatasetSchema>;
