import {
  checkVersion,
  type SafetensorsFile,
  StageError,
  TOKEN_TENSORS,
  type Vocabulary,
  VocabularySchema,
} from "@repotune/schema";
import { Check } from "typebox/value";

/** Tokens read at once. */
const BLOCK_TOKENS = 1 << 20;

/** A document with its tokens. */
export interface TokenDocument {
  ids: Uint16Array | Uint32Array;
  lossWeights: Uint8Array;
  /** `commit_number`. */
  commit: number;
  /** Line in `chunks.jsonl`, or -1. */
  chunk: number;
  /** Position in `CHANGE_TYPES`, or 255. */
  changeType: number;
}

/** What `tokens.safetensors` holds, without the tokens themselves. */
export interface TokenStream {
  path: string;
  vocabulary: Vocabulary;
  /**
   * Preset of the split that the tokens were written for, if they depend on its train side: there the
   * vocabulary was trained, or units have holes to fill in.
   */
  trainedOnSplit: string | undefined;
  /** Identity of the commits of that train side. */
  trainHash: string | undefined;
  /** Identity of the commits that the documents come from. */
  historyHash: string | undefined;
  idType: "U16" | "U32";
  vocabularyBytes: Uint16Array;
  /** First token of each document, and at the end the number of tokens. */
  offsets: Float64Array;
  /** `commit_number` of each document, ascending. */
  commits: Float64Array;
}

/**
 * Reads and checks everything but the tokens.
 *
 * @throws {StageError} `E_INPUT` for a file that is not such a stream or contradicts itself,
 *   `E_SCHEMA_VERSION`.
 */
export async function readTokenStream(file: SafetensorsFile): Promise<TokenStream> {
  const { path, metadata } = file;
  checkVersion(metadata, path);
  const vocabulary = parseVocabulary(metadata.vocabulary);
  if (!vocabulary) {
    throw new StageError("E_INPUT", `${path} does not say which vocabulary its tokens belong to.`, {
      hint: "Write it anew: repotune tokenize.",
    });
  }
  const idType = file.dtype(TOKEN_TENSORS.tokens);
  if (idType !== "U16" && idType !== "U32") throw damaged(path, `tokens are ${idType}`);
  const [tokenCount = 0] = file.shape(TOKEN_TENSORS.tokens);
  const offsets = await file.readNumbers(TOKEN_TENSORS.documentOffsets);
  const commits = await file.readNumbers(TOKEN_TENSORS.documentCommit);
  const documents = commits.length;
  const lengths: [tensor: string, actual: number | undefined, expected: number][] = [
    [TOKEN_TENSORS.documentOffsets, offsets.length, documents + 1],
    [TOKEN_TENSORS.lossWeights, file.shape(TOKEN_TENSORS.lossWeights)[0], tokenCount],
    [TOKEN_TENSORS.documentChunk, file.shape(TOKEN_TENSORS.documentChunk)[0], documents],
    [TOKEN_TENSORS.documentChangeType, file.shape(TOKEN_TENSORS.documentChangeType)[0], documents],
    [
      TOKEN_TENSORS.vocabularyBytes,
      file.shape(TOKEN_TENSORS.vocabularyBytes)[0],
      vocabulary.vocab_size,
    ],
  ];
  for (const [tensor, actual, expected] of lengths) {
    if (actual !== expected)
      throw damaged(path, `${tensor} has ${actual} entries, not ${expected}`);
  }
  if (offsets[0] !== 0 || offsets[documents] !== tokenCount || !isAscending(offsets)) {
    throw damaged(path, `${TOKEN_TENSORS.documentOffsets} do not run from 0 to ${tokenCount}`);
  }
  if (!isAscending(commits)) {
    throw damaged(path, "its documents are not in the order of the history");
  }
  return {
    path,
    vocabulary,
    trainedOnSplit: splitOf(vocabulary, metadata.options),
    trainHash: metadata.train_hash,
    historyHash: metadata.history_hash,
    idType,
    vocabularyBytes: Uint16Array.from(await file.readNumbers(TOKEN_TENSORS.vocabularyBytes)),
    offsets,
    commits,
  };
}

/**
 * Reads documents `first … end`, in blocks.
 *
 * @throws {StageError} `E_MISMATCH` for an id that is not in the vocabulary.
 */
export async function* readDocuments(
  file: SafetensorsFile,
  { path, vocabulary, offsets, commits }: TokenStream,
  first: number,
  end: number,
): AsyncGenerator<TokenDocument> {
  for (let from = first; from < end; ) {
    const start = offsets[from] ?? 0;
    let to = from + 1;
    while (to < end && (offsets[to + 1] ?? 0) - start <= BLOCK_TOKENS) to++;
    const stop = offsets[to] ?? 0;
    const ids = await file.read(TOKEN_TENSORS.tokens, start, stop);
    const weights = await file.read(TOKEN_TENSORS.lossWeights, start, stop);
    const chunks = await file.read(TOKEN_TENSORS.documentChunk, from, to);
    const changeTypes = await file.read(TOKEN_TENSORS.documentChangeType, from, to);
    for (let document = from; document < to; document++) {
      const a = (offsets[document] ?? 0) - start;
      const b = (offsets[document + 1] ?? 0) - start;
      const tokens = ids.subarray(a, b) as Uint16Array | Uint32Array;
      const stranger = tokens.find((id) => id >= vocabulary.vocab_size);
      if (stranger !== undefined) {
        throw new StageError(
          "E_MISMATCH",
          `${path}: document ${document} holds id ${stranger}; the vocabulary has ${vocabulary.vocab_size} tokens.`,
          { hint: "Write the tokens anew: repotune tokenize." },
        );
      }
      yield {
        ids: tokens,
        lossWeights: weights.subarray(a, b) as Uint8Array,
        commit: commits[document] ?? 0,
        chunk: Number(chunks[document - from]),
        changeType: Number(changeTypes[document - from]),
      };
    }
    from = to;
  }
}

function splitOf({ kind }: Vocabulary, options: string | undefined): string | undefined {
  const { split, fim_rate = 0 } = (parseJson(options) ?? {}) as Record<string, unknown>;
  if (kind !== "trained" && fim_rate === 0) return undefined;
  return typeof split === "string" ? split : undefined;
}

function parseVocabulary(json: string | undefined): Vocabulary | undefined {
  const value = parseJson(json);
  return Check(VocabularySchema, value) ? value : undefined;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined; // The caller says what is missing, whatever stands there instead.
  }
}

const isAscending = (values: Float64Array): boolean =>
  values.every((value, i) => i === 0 || value >= (values[i - 1] ?? 0));

const damaged = (path: string, what: string) =>
  new StageError("E_INPUT", `${path} contradicts itself: ${what}.`, {
    hint: "Write it anew: repotune tokenize.",
  });
