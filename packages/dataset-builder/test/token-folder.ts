import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CHANGE_TYPES,
  type Commit,
  historyHash,
  SafetensorsWriter,
  SCHEMA_VERSION,
  TOKEN_TENSORS,
  vocabularyHash,
} from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { seededRandom } from "@repotune/test-kit/random";
import { commit } from "@repotune/test-kit/records";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { type BuildOptions, stage } from "../src/index.ts";

/** A document for a test's token stream. */
export interface TestDocument {
  commit: number;
  ids: readonly number[];
  /** 100 for every token by default. */
  weights?: readonly number[];
}

const VOCABULARY = ["<END>", ..."abcdefghijklmnopqrstuvwxyz"];

export interface TokenFolderOptions {
  commits?: readonly Commit[];
  vocabulary?: readonly string[];
  kind?: "trained" | "gguf";
  /** Replaces metadata of tokens.safetensors. */
  metadata?: Record<string, string>;
  idType?: "U16" | "U32";
}

/** Writes a token stream and the commits it comes from, and gives the options to build from them. */
export async function tokenFolder(
  documents: readonly TestDocument[],
  { commits = history(10), vocabulary = VOCABULARY, ...options }: TokenFolderOptions = {},
): Promise<BuildOptions> {
  const { kind = "trained", idType = "U16", metadata = {} } = options;
  const folder = temporaryFolder();
  const tokens = join(folder, "tokens");
  const ids = documents.flatMap((document) => document.ids);
  const weights = documents.flatMap(({ ids, weights }) => weights ?? ids.map(() => 100));
  let end = 0;
  const offsets = [0, ...documents.map((document) => (end += document.ids.length))].map(BigInt);
  const numbers = documents.map((document) => document.commit);

  const writer = new SafetensorsWriter(join(tokens, "tokens.safetensors"));
  const t = TOKEN_TENSORS;
  await writer.append(t.documentOffsets, "I64", BigInt64Array.from(offsets));
  await writer.append(t.documentCommit, "I32", Int32Array.from(numbers));
  await writer.append(
    t.documentChunk,
    "I32",
    Int32Array.from(documents, (_, d) => d),
  );
  if (idType === "U16") await writer.append(t.tokens, "U16", Uint16Array.from(ids));
  else await writer.append(t.tokens, "U32", Uint32Array.from(ids));
  const bytes = Uint16Array.from(vocabulary, (_, id) => (id === 0 ? 0 : 1));
  await writer.append(t.vocabularyBytes, "U16", bytes);
  await writer.append(t.lossWeights, "U8", Uint8Array.from(weights));
  const types = Uint8Array.from(documents, (_, d) => d % CHANGE_TYPES.length);
  await writer.append(t.documentChangeType, "U8", types);
  await writer.commit({
    schema_version: SCHEMA_VERSION,
    vocabulary: JSON.stringify({
      kind,
      vocabulary_hash: vocabularyHash(vocabulary),
      vocab_size: vocabulary.length,
      document_end_id: 0,
    }),
    history_hash: historyHash(commits.map((commit) => commit.metadata.hash)),
    ...metadata,
  });

  if (kind === "trained") {
    const model = {
      type: "BPE",
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
    }; // prettier-ignore
    await writeFile(
      join(tokens, "tokenizer.json"),
      JSON.stringify({ added_tokens: [], decoder: { type: "ByteLevel" }, model }),
    );
  }
  const commitsPath = join(folder, "commits.jsonl");
  await writeFile(commitsPath, commits.map((commit) => `${JSON.stringify(commit)}\n`).join(""));
  const values = { tokens, commits: commitsPath, outputDir: join(folder, "dataset") };
  return readOptions(stage.options, values);
}

export const history = (length: number): Commit[] =>
  Array.from({ length }, (_, number) => commit(number));

/** Letters that no other number gives. */
const letters = (number: number, length: number): number[] => {
  const random = seededRandom(number + 1);
  return Array.from({ length }, () => 1 + random.below(26));
};

/** One document for each commit, no two alike: the commit's number is spelled at its beginning. */
export const oneEach = (commits: number, length = 20): TestDocument[] =>
  Array.from({ length: commits }, (_, number) => ({
    commit: number,
    ids: [1 + (number % 26), 1 + Math.floor(number / 26), ...letters(number, length - 3), 0],
  }));
