import { SPLIT_PRESETS } from "@repotune/schema";
import { type Static, Type } from "typebox";
import { MIN_VOCAB_SIZE } from "./vocabulary/trained.ts";

/** Options of the stage. */
export const TokenizeOptionsSchema = Type.Object({
  chunks: Type.String({ default: "chunks.jsonl", description: "Chunks to read." }),
  commits: Type.String({
    default: "commits.jsonl",
    description: "commits.jsonl or commits.json the chunks were cut from.",
  }),
  outputDir: Type.String({ default: "tokens", description: "Folder to write." }),
  vocabSize: Type.Integer({
    default: 16_384,
    minimum: MIN_VOCAB_SIZE,
    // GPT-2's. A history of 12 MB of source code has no more merges than 34,000.
    maximum: 50_257,
    description:
      "Tokens of a vocabulary trained on the history, at most. A small model does best with 4096 to 8192: more would take most of its weights for embeddings.",
  }),
  base: Type.Optional(Type.String({ description: "GGUF of a base model, to use its vocabulary." })),
  tokenizer: Type.Optional(Type.String({ description: "tokenizer.json, to use its vocabulary." })),
  split: Type.Enum(Object.keys(SPLIT_PRESETS), {
    default: "70/15/15",
    description: "Shares of train, validation and test; the vocabulary is trained on train alone.",
  }),
  rendering: Type.Enum(["semantic", "hierarchical", "diff-aware", "flat"], {
    default: "semantic",
    description:
      "How commits are laid out: units with structure; branch, commit, file, units; hunks with marked lines; or plain text.",
  }),
  authors: Type.Enum(["hash", "keep", "omit"], {
    default: "hash",
    description:
      "Who made a commit, where a rendering tells it: a pseudonym, the name, or nothing.",
  }),
  fimRate: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 1,
    description: "Share of units of the train side with a hole to fill in (FIM).",
  }),
  maxDocumentTokens: Type.Integer({
    default: 1024,
    minimum: 64,
    maximum: 1_000_000,
    description: "Longer documents are cut; code before a change first.",
  }),
  includeData: Type.Boolean({
    default: false,
    description: "Render the contents of data files (JSON, CSV and the like), too.",
  }),
});

export type TokenizeOptions = Static<typeof TokenizeOptionsSchema>;
