import { type Static, Type } from "typebox";
import { provenance } from "./provenance.ts";
import { VocabularySchema } from "./tokens.ts";

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Ratio = (description: string) => Type.Number({ minimum: 0, description });

const SideSchema = Type.Object({
  documents: Count("Documents."),
  tokens: Count("Tokens, structure among them."),
  loss_tokens: Count("Tokens with a loss weight above zero."),
  bytes: Count("Bytes of text that the tokens stand for."),
  bytes_per_token: Ratio("Of tokens that stand for text; 0 if there are none."),
});

const CodeSchema = Type.Object({
  tokens: Count("Tokens of the code in its documents."),
  bytes: Count("Bytes they stand for."),
  bytes_per_token: Ratio("0 if there are no tokens."),
});

const IdentifiersSchema = Type.Object({
  count: Count("Identifiers and keywords in the code, each as often as it occurs."),
  tokens: Count("Tokens that each of them takes part of, together."),
  tokens_per_identifier: Ratio("0 if there are none."),
});

const UsedTokenSchema = Type.Object({
  id: Type.Integer({ minimum: 0 }),
  text: Type.String({ description: "Its bytes as text; U+FFFD for what is part of a character." }),
  count: Count("Times it occurs in the documents."),
});

/** `vocab_stats.json`: how well a vocabulary fits a history. */
export const VocabStatsSchema = Type.Object({
  ...provenance,
  vocabulary: VocabularySchema,
  documents: Count("Documents on all sides."),
  tokens: Count("Tokens on all sides."),
  longest_document: Count("Length of the longest document, in tokens."),
  truncated_documents: Count("Documents whose new code, list of files or header was cut."),
  unknown_share: Type.Number({
    minimum: 0,
    maximum: 1,
    description:
      "Share of tokens within text that stand for none; 0 if the vocabulary has all bytes.",
  }),
  by_side: Type.Object({ train: SideSchema, validation: SideSchema, test: SideSchema }),
  by_language: Type.Record(
    Type.String(),
    Type.Object({ train: CodeSchema, held_out: CodeSchema }),
    { description: "Code by the language of a document's first unit; held out is all but train." },
  ),
  identifiers: Type.Object({ train: IdentifiersSchema, held_out: IdentifiersSchema }),
  most_used: Type.Array(UsedTokenSchema, { description: "Tokens of text, the most used first." }),
  least_used: Type.Array(UsedTokenSchema, {
    description: "Tokens of text that occur, the least used first.",
  }),
  unused_tokens: Count("Tokens that stand for text and never occur."),
  trained_on: Type.Union(
    [
      Type.Object({
        words: Count("Words of the train side that were counted, each as often as it occurs."),
        distinct_words: Count("Distinct words that merges were learned from."),
        forgotten_words: Count("Occurrences of rare words that were dropped to bound memory."),
        long_words: Count("Occurrences of words too long to be language, not counted."),
      }),
      Type.Null(),
    ],
    { description: "Null if the vocabulary was not trained on this history." },
  ),
  left_out_chunks: Type.Record(Type.String(), Count("Chunks left out for this reason.")),
});

/** How well a vocabulary fits a history. */
export type VocabStats = Static<typeof VocabStatsSchema>;
