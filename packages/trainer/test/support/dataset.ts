import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Dataset,
  hashFile,
  SafetensorsWriter,
  TOKEN_TENSORS,
  vocabularyHash,
  WINDOW_TENSORS,
  writeJsonFile,
} from "@repotune/schema";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { tinyTokenizer } from "@repotune/test-kit/tokenizer";
import { Random } from "../../src/random.ts";

/** Documents as lists of ids. */
export type Documents = readonly (readonly number[])[];

/** A dataset on disk, and what it was made of. */
export interface WrittenDataset {
  folder: string;
  vocabularySize: number;
  train: Documents;
}

/**
 * Writes a real dataset folder: each document a piece, `perSequence` of them in a sequence.
 *
 * @param tokens a base model's vocabulary; by default a trained one, with its tokenizer.json.
 * @param contextTokens tokens at the beginning of each document that are context only: the objective is
 *   then context-target, with one document in each sequence.
 */
export async function writeDataset({
  tokens,
  documents = 8,
  documentLength = 16,
  contextTokens,
  perSequence = contextTokens === undefined ? 2 : 1,
  train,
  validation,
}: {
  tokens?: readonly string[];
  documents?: number;
  documentLength?: number;
  contextTokens?: number;
  perSequence?: number;
  train?: Documents;
  validation?: Documents;
} = {}): Promise<WrittenDataset> {
  const folder = temporaryFolder();
  const tokenizer = tokens ? undefined : tinyTokenizer({ merges: 20 });
  if (tokenizer) copyFileSync(tokenizer, join(folder, "tokenizer.json"));
  const vocabulary = tokens ?? tokensOf(tokenizer as string);
  const random = new Random(7);
  const draw = (count: number) =>
    Array.from({ length: count }, () =>
      Array.from({ length: documentLength }, () =>
        Math.floor(random.uniform() * vocabulary.length),
      ),
    );
  const all = { train: train ?? draw(documents), validation: validation ?? draw(4), test: draw(2) };
  const splits: Record<string, unknown> = {};
  for (const [name, list] of Object.entries(all)) {
    const file = `${name}.safetensors`;
    await writeSplit(join(folder, file), list, vocabulary.length, perSequence, contextTokens);
    const count = list.flat().length;
    splits[name] = {
      file,
      sha256: await hashFile(join(folder, file)),
      commits: 1,
      first_commit: "a",
      last_commit: "a",
      date_range: { first: null, last: null },
      documents: list.length,
      tokens: count,
      loss_tokens: count,
      bytes: 2 * count,
      sequences: Math.ceil(list.length / perSequence),
      authors: 1,
      change_types: {},
      document_length_histogram: [],
    };
  }
  const description: Dataset = {
    schema_version: "1.0.0",
    producer: { name: "test", version: "1.0.0" },
    options: {},
    input_hash: "",
    vocabulary: {
      kind: tokens ? "gguf" : "trained",
      vocabulary_hash: vocabularyHash(vocabulary),
      vocab_size: vocabulary.length,
      document_end_id: 4,
    },
    tokenizer_file: tokens ? null : "tokenizer.json",
    objective: contextTokens === undefined ? "causal" : "context-target",
    sequence_length: documentLength * perSequence,
    split: { ratios: [0.7, 0.15, 0.15], validation_starts_at: "b", test_starts_at: "c" },
    splits: splits as Dataset["splits"],
    recommended_epochs: 3,
    dropped: {},
  };
  await writeJsonFile(join(folder, "dataset.json"), description);
  return { folder, vocabularySize: vocabulary.length, train: all.train };
}

async function writeSplit(
  path: string,
  documents: Documents,
  size: number,
  perSequence: number,
  contextTokens: number | undefined,
) {
  const writer = new SafetensorsWriter(path);
  const rows: number[] = [];
  let at = 0;
  await writer.append(TOKEN_TENSORS.tokens, "U16", new Uint16Array()); // there even without documents
  await writer.append(TOKEN_TENSORS.lossWeights, "U8", new Uint8Array());
  for (const [i, document] of documents.entries()) {
    await writer.append(TOKEN_TENSORS.tokens, "U16", Uint16Array.from(document));
    await writer.append(
      TOKEN_TENSORS.lossWeights,
      "U8",
      Uint8Array.from(document, (_, j) => (j % 4 === 3 ? 50 : 100)),
    );
    if (contextTokens === undefined) rows.push(Math.floor(i / perSequence), at, document.length);
    else rows.push(at, at + contextTokens, at + document.length);
    at += document.length;
  }
  const name = contextTokens === undefined ? WINDOW_TENSORS.pieces : WINDOW_TENSORS.windows;
  await writer.append(name, "I64", BigInt64Array.from(rows.map(BigInt)));
  await writer.append(TOKEN_TENSORS.vocabularyBytes, "U16", new Uint16Array(size).fill(2));
  await writer.commit({}, { [name]: [-1, 3] });
}

function tokensOf(tokenizerPath: string): string[] {
  const { model } = JSON.parse(readFileSync(tokenizerPath, "utf8")) as {
    model: { vocab: Record<string, number> };
  };
  return Object.entries(model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token);
}
