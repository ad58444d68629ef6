import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  HistoryGraph,
  type HistorySplit,
  hashFile,
  hashText,
  historyHash,
  type Producer,
  readCommits,
  SCHEMA_VERSION,
  type StageContext,
  type StageSummary,
  splitHistory,
  splitRatios,
  type VocabStats,
  writeFileAtomically,
  writeJsonFile,
} from "@repotune/schema";
import { type ChosenVocabulary, chooseVocabulary } from "./choose-vocabulary.ts";
import type { TokenizeOptions } from "./options.ts";
import { drawHole } from "./render/hole.ts";
import { checkFim, renderOptions } from "./render-options.ts";
import { VocabularyStatistics } from "./statistics/vocabulary-statistics.ts";
import { encodeRendered, joinPieces } from "./stream/encode-document.ts";
import { HeaderFile } from "./stream/header-file.ts";
import { readChunks, readChunksOn } from "./stream/read-chunks.ts";
import { type RenderOptions, renderHistory } from "./stream/render-history.ts";
import { StatisticsCounter } from "./stream/token-statistics.ts";
import { TokenWriter } from "./stream/token-writer.ts";
import { watched } from "./stream/watched.ts";
import { requireFimLayouts } from "./vocabulary/fim-tokens.ts";

/**
 * Reads commits and chunks, and writes `tokens.safetensors`, `vocab_stats.json` and (unless a base
 * model brings the vocabulary) `tokenizer.json`.
 *
 * @throws {StageError} `E_USAGE` for options that do not go together, and whatever reading, choosing
 *   the vocabulary and writing can throw.
 */
export async function tokenize(
  options: TokenizeOptions,
  producer: Producer,
  context: StageContext,
): Promise<StageSummary> {
  const { commits, chunks, outputDir } = options;
  checkFim(options);
  const graph = new HistoryGraph();
  const history = await HeaderFile.create(
    readCommits(commits),
    join(outputDir, "headers.jsonl"),
    { authors: options.authors, graph },
    context,
  );
  try {
    const split = splitHistory(graph, splitRatios(options.split));
    const rendering = await renderOptions(options);
    const train = {
      commits: split.sides.train.length,
      total: graph.size,
      documents: () =>
        renderHistory(
          history.read(split, "train"),
          readChunksOn("train", chunks, split.sideOf),
          rendering,
        ),
    };
    const chosen = await chooseVocabulary(options, train, context);
    try {
      return await writeTokens(
        { options, history, graph, split, rendering, ...chosen },
        producer,
        context,
      );
    } finally {
      await chosen.encoder.dispose?.();
    }
  } finally {
    await history.remove();
  }
}

/** What a history is written with. */
interface Writing extends ChosenVocabulary {
  options: TokenizeOptions;
  history: HeaderFile;
  graph: HistoryGraph;
  split: HistorySplit;
  rendering: RenderOptions;
}

async function writeTokens(
  { options, history, graph, split, rendering, encoder, tokenizerJson, trainedOn }: Writing,
  producer: Producer,
  context: StageContext,
): Promise<StageSummary> {
  const { commits, chunks, outputDir, fimRate, maxDocumentTokens } = options;
  const { vocabulary } = encoder;
  const layouts = fimRate > 0 ? requireFimLayouts(encoder.fim) : [];
  const writer = await TokenWriter.create(join(outputDir, "tokens.safetensors"), encoder);
  const counter = new StatisticsCounter(split, encoder.tokenBytes);
  const uses = new VocabularyStatistics(encoder.tokenBytes);
  try {
    const leftOut: Record<string, number> = {};
    const documents = renderHistory(history.read(split), readChunks(chunks), {
      ...rendering,
      onLeftOut: (reason) => {
        leftOut[reason] = (leftOut[reason] ?? 0) + 1;
      },
      holeOf: (chunk) =>
        chunk.commit_number < split.validationStart ? drawHole(chunk, fimRate, layouts) : undefined,
    });
    for await (const rendered of watched(documents, graph.size, "commits", context)) {
      const encoded = joinPieces(encodeRendered(rendered, encoder, maxDocumentTokens), encoder);
      counter.add(rendered, encoded);
      const isTrain = split.sideOf[rendered.commitNumber] === "train";
      uses.add({ isTrain, language: rendered.language, ...encoded });
      await writer.add(rendered, encoded);
    }
    const statistics = counter.result;
    if (leftOut.data !== undefined) {
      context.onNotice?.(
        `${leftOut.data} chunks of data files are left out; --include-data renders them.`,
      );
    }
    const provenance = {
      schema_version: SCHEMA_VERSION,
      producer,
      options: recorded(options),
      input_hash: hashText(
        [await hashFile(commits), await hashFile(chunks), vocabulary.vocabulary_hash].join("\n"),
      ),
    };
    const tokenizerPath = join(outputDir, "tokenizer.json");
    if (tokenizerJson === undefined) await rm(tokenizerPath, { force: true });
    else await writeFileAtomically(tokenizerPath, tokenizerJson);
    await writeJsonFile(join(outputDir, "vocab_stats.json"), {
      ...provenance,
      vocabulary,
      ...statistics,
      ...uses.result,
      trained_on: trainedOn,
      left_out_chunks: leftOut,
    } satisfies VocabStats);
    await writer.commit({
      schema_version: SCHEMA_VERSION,
      producer: JSON.stringify(producer),
      options: JSON.stringify(provenance.options),
      input_hash: provenance.input_hash,
      vocabulary: JSON.stringify(vocabulary),
      history_hash: historyHash(graph.hashes),
      train_hash: historyHash(split.sides.train.map((commit) => graph.hashes[commit] ?? "")),
    });
    return {
      documents: statistics.documents,
      tokens: statistics.tokens,
      vocabulary: vocabulary.vocab_size,
      bytes_per_token: statistics.by_side.train.bytes_per_token,
      truncated: statistics.truncated_documents,
    };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** The options that the ids depend on: not where things lie, so that the same input gives the same file. */
const recorded = ({ base, tokenizer, vocabSize, ...options }: TokenizeOptions) => ({
  split: options.split,
  rendering: options.rendering,
  authors: options.authors,
  fim_rate: options.fimRate,
  max_document_tokens: options.maxDocumentTokens,
  include_data: options.includeData,
  ...(base === undefined && tokenizer === undefined && { vocab_size: vocabSize }),
});
