import { GgufFile, GgufMetadata } from "@repotune/ggml";
import { StageError, vocabularyHash } from "@repotune/schema";
import type { TrainOptions } from "../options.ts";
import { readVocabularyMetadata } from "../vocabulary-metadata.ts";
import type { TokenDataset } from "./token-dataset.ts";

/** `tokenizer.ggml.*` entries of a GGUF file. */
export type Vocabulary = Awaited<ReturnType<typeof readVocabularyMetadata>>;

/** What a new model's file says of its vocabulary; checked before any time is spent on training. */
export async function vocabularyOf(
  { base, dataset }: TrainOptions,
  { tokenizerPath, description }: TokenDataset,
): Promise<Vocabulary> {
  if (base !== "scratch") return [];
  const { document_end_id, vocabulary_hash } = description.vocabulary;
  if (tokenizerPath === null) {
    throw new StageError(
      "E_MISMATCH",
      `The dataset ${dataset} has the vocabulary of a base model, and no tokenizer.json.`,
      { hint: "Train on that base (--base FILE.gguf), or tokenize without one." },
    );
  }
  const entries = await readVocabularyMetadata(tokenizerPath, { documentEndId: document_end_id });
  const tokens = new GgufMetadata(tokenizerPath, entries).strings("tokenizer.ggml.tokens");
  if (vocabularyHash(tokens) === vocabulary_hash) return entries;
  throw new StageError("E_MISMATCH", `${tokenizerPath} is not the vocabulary of its dataset.`, {
    hint: "Build the dataset anew.",
  });
}

/** The vocabulary to write samples in. */
export async function vocabularyIn(
  { base }: TrainOptions,
  trained: Vocabulary,
): Promise<GgufMetadata> {
  if (base === "scratch") return new GgufMetadata("tokenizer.json", trained);
  const file = await GgufFile.open(base);
  await file.close();
  return file.metadata;
}
