import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Dataset,
  type DatasetSplit,
  hashFile,
  hashText,
  historyHash,
  type Producer,
  readCommits,
  SafetensorsFile,
  SCHEMA_VERSION,
  type SplitSide,
  type StageContext,
  StageError,
  splitRatios,
  temporalSplit,
  writeFileAtomically,
  writeJsonFile,
} from "@repotune/schema";
import { duplicateFinder } from "./input/duplicates.ts";
import { type CommitFacts, readHistory } from "./input/history.ts";
import { readTokenStream, type TokenStream } from "./input/token-stream.ts";
import { readTokenizerFile } from "./input/tokenizer-file.ts";
import type { BuildOptions } from "./options.ts";
import { sideRanges } from "./side-ranges.ts";
import { writeSide } from "./write-side.ts";

/** Tokens that a small model should see in all, and the bounds on how often it sees the same. */
const EPOCH_TOKENS = 20_000_000;
const MIN_EPOCHS = 3;
const MAX_EPOCHS = 10;

/**
 * Builds `train`, `validation` and `test.safetensors` and `dataset.json` from a token stream.
 *
 * The history is cut in time between commits before anything else is done; every document lies on
 * the side of its commit, and no sequence or window reaches over a cut. A document that repeats an
 * earlier one, of its side or of one before, is left out: measured on it, a model would seem to know
 * what it only remembers.
 *
 * @throws {StageError} `E_MISMATCH` if tokens, vocabulary and commits do not belong together,
 *   `E_TOO_SMALL` if a side holds nothing to learn from or to measure on, and whatever reading and
 *   writing can throw.
 */
export async function buildDataset(
  options: BuildOptions,
  producer: Producer,
  context: StageContext = {},
): Promise<Dataset> {
  const { outputDir, objective } = options;
  const history = await readHistory(readCommits(options.commits), context);
  const ratios = splitRatios(options.split);
  const split = temporalSplit(history.length, ratios);
  const file = await SafetensorsFile.open(join(options.tokens, "tokens.safetensors"));
  try {
    const stream = await readTokenStream(file);
    checkHistory(stream, history, options.commits);
    checkSplit(stream, options.split);
    const { vocabulary } = stream;
    const tokenizer =
      vocabulary.kind === "gguf"
        ? undefined
        : await readTokenizerFile(join(options.tokens, "tokenizer.json"), vocabulary);

    const provenance = {
      schema_version: SCHEMA_VERSION,
      producer,
      options: recorded(options),
      input_hash: hashText(`${await hashFile(stream.path)}\n${stream.historyHash}`),
    };
    const metadata = {
      schema_version: SCHEMA_VERSION,
      producer: JSON.stringify(producer),
      options: JSON.stringify(provenance.options),
      input_hash: provenance.input_hash,
      vocabulary: JSON.stringify(vocabulary),
    };
    const dropped: Record<string, number> = {};
    const isDuplicate = options.keepDuplicates ? () => false : duplicateFinder();
    const sides = {} as Record<SplitSide, DatasetSplit>;
    for (const range of sideRanges(stream, split)) {
      const commits = history.slice(range.firstCommit, range.endCommit);
      const input = { file, stream, range, commits, options, metadata, isDuplicate, dropped };
      sides[range.side] = await writeSide(input, context);
    }

    const tokenizerPath = join(outputDir, "tokenizer.json");
    if (tokenizer === undefined) await rm(tokenizerPath, { force: true });
    else await writeFileAtomically(tokenizerPath, tokenizer);
    const dataset: Dataset = {
      ...provenance,
      vocabulary,
      tokenizer_file: tokenizer === undefined ? null : "tokenizer.json",
      objective,
      sequence_length:
        objective === "causal"
          ? options.sequenceLength
          : options.contextLength + options.targetLength,
      split: {
        ratios: [...ratios],
        validation_starts_at: history[split.validationStart]?.hash ?? "",
        test_starts_at: history[split.testStart]?.hash ?? "",
      },
      splits: sides,
      recommended_epochs: Math.min(
        Math.max(Math.floor(EPOCH_TOKENS / Math.max(1, sides.train.tokens)), MIN_EPOCHS),
        MAX_EPOCHS,
      ),
      dropped,
    };
    await writeJsonFile(join(outputDir, "dataset.json"), dataset);
    return dataset;
  } finally {
    await file.close();
  }
}

function checkHistory(stream: TokenStream, history: readonly CommitFacts[], path: string): void {
  if (stream.historyHash === historyHash(history.map(({ hash }) => hash))) return;
  throw new StageError("E_MISMATCH", `${stream.path} was not made from the commits in ${path}.`, {
    hint: "The history has been scraped anew since: write the tokens anew as well.",
  });
}

/** A vocabulary must not have seen what a model is measured on. */
function checkSplit({ path, trainedOnSplit }: TokenStream, split: string): void {
  if (trainedOnSplit === undefined) return;
  const [seen] = splitRatios(trainedOnSplit);
  const [train] = splitRatios(split);
  if (seen <= train) return;
  throw new StageError(
    "E_MISMATCH",
    `The vocabulary of ${path} was trained on the train side of ${trainedOnSplit}, which reaches past that of ${split}.`,
    { hint: `Write the tokens with --split ${split}, or use ${trainedOnSplit} here.` },
  );
}

/** The options that the result depends on: not where things lie, nor those of the other objective. */
const recorded = (options: BuildOptions) => ({
  split: options.split,
  objective: options.objective,
  keep_duplicates: options.keepDuplicates,
  ...(options.objective === "causal"
    ? { sequence_length: options.sequenceLength }
    : {
        context_length: options.contextLength,
        target_length: options.targetLength,
        stride: options.stride,
      }),
});
