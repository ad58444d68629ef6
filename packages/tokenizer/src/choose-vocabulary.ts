import { readFile } from "node:fs/promises";
import { type HistorySplit, type StageContext, StageError } from "@repotune/schema";
import type { TokenizeOptions } from "./options.ts";
import type { CommitHeader } from "./stream/commit-header.ts";
import { countWords } from "./stream/count-words.ts";
import { readChunksOn } from "./stream/read-chunks.ts";
import { renderHistory } from "./stream/render-history.ts";
import { watched } from "./stream/watched.ts";
import { encoderOf, loadTokenizerJson } from "./vocabulary/from-tokenizer-json.ts";
import type { TokenEncoder } from "./vocabulary/token-encoder.ts";
import { SIZE_STEP, trainVocabulary } from "./vocabulary/trained.ts";

/** A vocabulary and what has to be written beside the ids. */
export interface ChosenVocabulary {
  encoder: TokenEncoder;
  /** Text of `tokenizer.json`; undefined for a base model, which brings its own. */
  tokenizerJson: string | undefined;
}

/**
 * Loads the vocabulary that the options name, or trains one on the train side of the history.
 *
 * @throws {StageError} `E_USAGE`, `E_NOT_FOUND`, `E_INPUT`, `E_UNSUPPORTED`, `E_TOO_SMALL` or
 *   `E_INTERRUPTED`.
 */
export async function chooseVocabulary(
  { base, tokenizer, vocabSize, chunks, includeData }: TokenizeOptions,
  headers: readonly CommitHeader[],
  { sides, sideOf }: HistorySplit,
  context: StageContext,
): Promise<ChosenVocabulary> {
  if (base !== undefined && tokenizer !== undefined) {
    throw new StageError("E_USAGE", "Both --base and --tokenizer are given.", {
      hint: "Ids can only be those of one vocabulary: leave one of them out.",
    });
  }
  if (base !== undefined) {
    const { loadGgufVocabulary } = await import("./vocabulary/from-gguf.ts");
    return { encoder: await loadGgufVocabulary(base, context), tokenizerJson: undefined };
  }
  if (tokenizer !== undefined) {
    const encoder = await loadTokenizerJson(tokenizer, context);
    return { encoder, tokenizerJson: await readFile(tokenizer, "utf8") };
  }
  const train = renderHistory(
    headers.map((header, commit) =>
      sideOf[commit] === "train" ? header : { ...header, hasOverview: false },
    ),
    readChunksOn("train", chunks, sideOf),
    { includeData },
  );
  const counter = await countWords(watched(train, headers.length, "commits of train", context));
  if (counter.counts.size === 0) {
    throw new StageError(
      "E_TOO_SMALL",
      `The ${sides.train.length} commits of the train side hold no text to train a vocabulary on.`,
      { hint: "Choose a repository with more history, or another --split." },
    );
  }
  const json = trainVocabulary(counter.counts, {
    vocabSize,
    signal: context.signal,
    onProgress: (done) =>
      context.onProgress?.({ stage: "tokenizer", done, total: vocabSize, unit: "tokens" }),
  });
  const encoder = encoderOf(json, "trained");
  const { vocab_size } = encoder.vocabulary;
  if (vocab_size + SIZE_STEP <= vocabSize) {
    context.onNotice?.(
      `The history repeats itself enough for a vocabulary of ${vocab_size} tokens, not ${vocabSize}.`,
    );
  }
  return { encoder, tokenizerJson: `${JSON.stringify(json)}\n` };
}
