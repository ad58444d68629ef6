import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";

/**
 * Which vocabulary the ids of a token stream belong to.
 *
 * Ids never leave their vocabulary: a stage that combines a token stream with a model compares
 * `vocabulary_hash` and refuses if they differ.
 */
export const VocabularySchema = Type.Object({
  kind: Type.Enum(["trained", "tokenizer.json", "gguf"], {
    description: "Trained on this repository, read from a tokenizer.json, or a base model's own.",
  }),
  vocabulary_hash: Type.String({
    description: "SHA-256 (hex) over the token strings in id order.",
  }),
  vocab_size: Type.Integer({ minimum: 1 }),
  document_end_id: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: "Id that closes a document, if the vocabulary has one.",
  }),
});

export type Vocabulary = Static<typeof VocabularySchema>;

/**
 * Tensors of `tokens.safetensors` and of each dataset split, with shape and unit.
 *
 * Documents follow one another in `tokens` without gaps: document `d` is
 * `tokens[document_offsets[d] … document_offsets[d + 1]]`. They are in the order of the history.
 */
export const TOKEN_TENSORS = {
  /** Token ids, `U16` (vocabularies up to 65,536) or `U32` `[n_tokens]`. */
  tokens: "tokens",
  /** Weight of the loss on predicting each token, in percent, `U8` `[n_tokens]`, 0 to 100. */
  lossWeights: "loss_weight_percent",
  /** First token of each document, and at the end `n_tokens`, `I64` `[n_documents + 1]`. */
  documentOffsets: "document_offsets",
  /** `commit_number` of each document, `I32` `[n_documents]`. */
  documentCommit: "document_commit",
  /** Line in `chunks.jsonl`, from 0, or -1 for a commit's overview, `I32` `[n_documents]`. */
  documentChunk: "document_chunk",
  /**
   * Position in `CHANGE_TYPES` of each document's change type, `U8` `[n_documents]`, or 255 for a
   * commit's overview.
   */
  documentChangeType: "document_change_type",
  /** Bytes of text that each id stands for, 0 for structure, `U16` `[vocab_size]`. */
  vocabularyBytes: "vocabulary_bytes",
} as const;

/**
 * Tensors that each dataset split has besides {@link TOKEN_TENSORS}.
 *
 * Both are offsets into the split's own `tokens`; nothing is stored twice.
 */
export const WINDOW_TENSORS = {
  /**
   * Objective `causal`: pieces of documents, `I64` `[n_pieces, 3]` as (sequence, start, length).
   * Pieces of one sequence are adjacent rows; attention does not cross from one to the next, and
   * every token of a piece but the first is predicted.
   */
  pieces: "pieces",
  /**
   * Objective `context-target`: `I64` `[n_windows, 3]` as (start, target start, end). The loss is
   * on `tokens[target start … end]`, given everything from `start`.
   */
  windows: "windows",
} as const;

/**
 * Identity of a vocabulary: SHA-256 (hex) over its token strings in id order, each as a JSON string
 * on a line of its own.
 *
 * @param tokens the strings as `tokenizer.json` and GGUF (`tokenizer.ggml.tokens`) spell them.
 */
export function vocabularyHash(tokens: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const token of tokens) hash.update(`${JSON.stringify(token)}\n`);
  return hash.digest("hex");
}

/**
 * Identity of a history: SHA-256 (hex) over its commit ids in order, one a line. `tokens.safetensors`
 * carries it as `history_hash`, so that a token stream is not split by the commits of another scrape.
 */
export function historyHash(commitHashes: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const commit of commitHashes) hash.update(`${commit}\n`);
  return hash.digest("hex");
}
