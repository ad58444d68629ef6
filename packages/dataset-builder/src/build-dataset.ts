import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Dataset,
  type HistorySplit,
  hashFile,
  hashText,
  historyHash,
  type Producer,
  readCommits,
  SafetensorsFile,
  SCHEMA_VERSION,
  SPLIT_SIDES,
  type SplitSide,
  type StageContext,
  splitHistory,
  splitRatios,
  writeFileAtomically,
  writeJsonFile,
} from "@repotune/schema";
import { auditDataset } from "./audit/audit-dataset.ts";
import { describeKeptOut } from "./audit/kept-out.ts";
import { checkHistory, checkSplit } from "./check-input.ts";
import { type History, readHistory } from "./input/history.ts";
import { LineStore } from "./input/line-store.ts";
import { SeenDocuments } from "./input/seen-documents.ts";
import { readTokenStream, type TokenStream } from "./input/token-stream.ts";
import { readTokenizerFile } from "./input/tokenizer-file.ts";
import { findCopiedCommits } from "./near-duplicates/copied-commits.ts";
import { NearDocuments } from "./near-duplicates/near-documents.ts";
import type { BuildOptions } from "./options.ts";
import { describeRepairs } from "./output/repaired-dates.ts";
import { firstDocuments, planSide } from "./plan-side.ts";
import { recommendedEpochs } from "./recommended-epochs.ts";
import { type WrittenSplit, writeSide } from "./write-side.ts";

/**
 * Builds `train`, `validation` and `test.safetensors` and `dataset.json` from a token stream.
 *
 * The history is cut in time between commits before anything else is done; every document lies on
 * the side of its commit, and no sequence or window reaches over a cut. What repeats an earlier side,
 * commit or document, is left out: measured on it, a model would seem to know what it only
 * remembers. At last the files are read again and searched for leaks.
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
  const lines = await LineStore.create(join(options.outputDir, "commit-lines"));
  try {
    const history = await readHistory(readCommits(options.commits), lines, context);
    const split = splitHistory(history.graph, splitRatios(options.split));
    noticeLeftOut(history, split, context);
    const file = await SafetensorsFile.open(join(options.tokens, "tokens.safetensors"));
    try {
      const stream = await readTokenStream(file);
      checkHistory(stream, history, options.commits);
      checkSplit(stream, history, split, options.split);
      return await write({ options, producer, history, split, file, stream }, context);
    } finally {
      await file.close();
    }
  } finally {
    await lines.close();
  }
}

/** From this share of a history on, it is worth a word that commits are on no side. */
const MUCH_LEFT_OUT = 0.1;

function noticeLeftOut({ graph }: History, { leftOut }: HistorySplit, context: StageContext): void {
  if (leftOut.length < MUCH_LEFT_OUT * graph.size) return;
  const [some, all] = [leftOut.length, graph.size].map((count) => count.toLocaleString("en-US"));
  context.onNotice?.(
    `${some} of ${all} commits are left out: HEAD's branch does not contain them, and their refs go on after the first cut.`,
  );
}

interface BuildInput {
  options: BuildOptions;
  producer: Producer;
  history: History;
  split: HistorySplit;
  file: SafetensorsFile;
  stream: TokenStream;
}

async function write(input: BuildInput, context: StageContext): Promise<Dataset> {
  const { options, history, split, stream } = input;
  const { outputDir, objective } = options;
  const { vocabulary } = stream;
  const tokenizer =
    vocabulary.kind === "gguf"
      ? undefined
      : await readTokenizerFile(join(options.tokens, "tokenizer.json"), vocabulary);
  const provenance = {
    schema_version: SCHEMA_VERSION,
    producer: input.producer,
    options: recorded(options),
    input_hash: hashText(
      [await hashFile(stream.path), ...SPLIT_SIDES.map((side) => hashOf(side, input))].join("\n"),
    ),
  };
  const copies = options.keepDuplicates
    ? []
    : findCopiedCommits(history.lines, split.sides, join(outputDir, "copied-commits.tmp"));
  const { sides, dropped } = await writeSides(input, copies, provenance, context);

  const tokenizerPath = join(outputDir, "tokenizer.json");
  if (tokenizer === undefined) await rm(tokenizerPath, { force: true });
  else await writeFileAtomically(tokenizerPath, tokenizer);
  const audit = await auditDataset(outputDir, history, split, context);
  if (!audit.is_clean) {
    context.onNotice?.("The leak audit found text of one side on another: see dataset.json.");
  }
  const windowsAcrossCuts = sides.train.windowsAcrossEnd + sides.validation.windowsAcrossEnd;
  if (windowsAcrossCuts > 0) dropped.window_across_cut = windowsAcrossCuts;
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
      ratios: [...splitRatios(options.split)],
      validation_starts_at: history.graph.hashes[split.validationStart] ?? "",
      test_starts_at: history.graph.hashes[split.testStart] ?? "",
    },
    splits: {
      train: sides.train.split,
      validation: sides.validation.split,
      test: sides.test.split,
    },
    recommended_epochs: recommendedEpochs(sides.train.split.tokens),
    dropped,
    repaired_dates: describeRepairs(history.graph, split),
    leak_audit: {
      is_clean: audit.is_clean,
      found: audit.found,
      kept_out: describeKeptOut(history, split, copies, windowsAcrossCuts),
      repetition: {
        train: sides.train.repetition,
        validation: sides.validation.repetition,
        test: sides.test.repetition,
      },
      line_overlap: audit.line_overlap,
    },
  };
  await writeJsonFile(join(outputDir, "dataset.json"), dataset);
  return dataset;
}

async function writeSides(
  { options, producer, history, split, file, stream }: BuildInput,
  copies: ReturnType<typeof findCopiedCommits>,
  provenance: Pick<Dataset, "input_hash" | "options">,
  context: StageContext,
) {
  const copied = new Set(
    copies.filter(({ side, ofSide }) => side !== ofSide).map(({ commit }) => commit),
  );
  const first = firstDocuments(stream, history.graph.size);
  const scratch = join(options.outputDir, "near-documents.tmp");
  const near = new NearDocuments(scratch, stream.commits.length);
  const dropped: Record<string, number> = {};
  const input = {
    file,
    stream,
    facts: history.facts,
    options,
    metadata: {
      schema_version: SCHEMA_VERSION,
      producer: JSON.stringify(producer),
      options: JSON.stringify(provenance.options),
      input_hash: provenance.input_hash,
      vocabulary: JSON.stringify(stream.vocabulary),
    },
    seen: options.keepDuplicates ? undefined : { exact: new SeenDocuments(), near },
    authors: new Set<string>(),
    dropped,
  };
  try {
    const sides = {} as Record<SplitSide, WrittenSplit>;
    for (const side of SPLIT_SIDES) {
      const plan = planSide(side, split.sides[side], stream, {
        first,
        hashes: history.graph.hashes,
        isCopied: (commit) => copied.has(commit),
        maxCommitTokens: options.maxCommitTokens,
      });
      sides[side] = await writeSide(plan, input, context);
    }
    return { sides, dropped };
  } finally {
    near.close();
  }
}

/** Identity of the commits of a side. */
const hashOf = (side: SplitSide, { history, split }: BuildInput): string =>
  historyHash(split.sides[side].map((commit) => history.graph.hashes[commit] ?? ""));

/** The options that the result depends on: not where things lie, nor those of the other objective. */
const recorded = (options: BuildOptions) => ({
  split: options.split,
  objective: options.objective,
  keep_duplicates: options.keepDuplicates,
  near_duplicate_weight: options.nearDuplicateWeight,
  max_commit_tokens: options.maxCommitTokens,
  ...(options.objective === "causal"
    ? { sequence_length: options.sequenceLength }
    : {
        context_length: options.contextLength,
        target_length: options.targetLength,
        stride: options.stride,
      }),
});
