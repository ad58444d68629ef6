import { readFile } from "node:fs/promises";
import { type StageContext, StageError } from "@repotune/schema";
import type { WordCountStatistics } from "./bpe/word-counter.ts";
import type { TokenizeOptions } from "./options.ts";
import { countWords } from "./stream/count-words.ts";
import type { RenderedDocument } from "./stream/render-history.ts";
import { watched } from "./stream/watched.ts";
import { encoderOf, loadTokenizerJson } from "./vocabulary/from-tokenizer-json.ts";
import type { TokenEncoder } from "./vocabulary/token-encoder.ts";
import { SIZE_STEP, trainVocabulary } from "./vocabulary/trained.ts";

/** A vocabulary and what has to be written beside the ids. */
export interface ChosenVocabulary {
  encoder: TokenEncoder;
  /** Text of `tokenizer.json`; undefined for a base model, which brings its own. */
  tokenizerJson: string | undefined;
  /** The words it was trained on; null if it was not. */
  trainedOn: WordCountStatistics | null;
}

/** The part of a history that a vocabulary may be trained on. */
export interface TrainSide {
  commits: number;
  /** Commits of the whole history. */
  total: number;
  documents(): AsyncIterable<RenderedDocument>;
}

/**
 * Loads the vocabulary that the options name, or trains one on the train side of the history.
 *
 * @throws {StageError} `E_USAGE`, `E_NOT_FOUND`, `E_INPUT`, `E_UNSUPPORTED`, `E_TOO_SMALL` or
 *   `E_INTERRUPTED`.
 */
export async function chooseVocabulary(
  { base, tokenizer, vocabSize }: TokenizeOptions,
  train: TrainSide,
  context: StageContext,
): Promise<ChosenVocabulary> {
  if (base !== undefined && tokenizer !== undefined) {
    throw new StageError("E_USAGE", "Both --base and --tokenizer are given.", {
      hint: "Ids can only be those of one vocabulary: leave one of them out.",
    });
  }
  if (base !== undefined) {
    const { loadGgufVocabulary } = await import("./vocabulary/from-gguf.ts");
    const encoder = await loadGgufVocabulary(base, context);
    return { encoder, tokenizerJson: undefined, trainedOn: null };
  }
  if (tokenizer !== undefined) {
    const encoder = await loadTokenizerJson(tokenizer, context);
    return { encoder, tokenizerJson: await readFile(tokenizer, "utf8"), trainedOn: null };
  }
  const documents = watched(train.documents(), train.total, "commits of train", context);
  const counter = await countWords(documents);
  if (counter.counts.size === 0) {
    throw new StageError(
      "E_TOO_SMALL",
      `The ${train.commits} commits of the train side hold no text to train a vocabulary on.`,
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
  if (counter.statistics.forgotten_words > 0) {
    context.onNotice?.(
      `${counter.statistics.forgotten_words} of ${counter.statistics.words} words were too rare to be kept in memory; the vocabulary is learned from the others.`,
    );
  }
  return {
    encoder,
    tokenizerJson: `${JSON.stringify(json)}\n`,
    trainedOn: counter.statistics,
  };
}
