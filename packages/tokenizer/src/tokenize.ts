import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  HistoryGraph,
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
  writeFileAtomically,
  writeJsonFile,
} from "@repotune/schema";
import { chooseVocabulary } from "./choose-vocabulary.ts";
import type { TokenizeOptions } from "./options.ts";
import { fillEmptySides, readHeaders } from "./stream/commit-header.ts";
import { encodeDocument } from "./stream/encode-document.ts";
import { readChunks } from "./stream/read-chunks.ts";
import { renderHistory } from "./stream/render-history.ts";
import { StatisticsCounter } from "./stream/token-statistics.ts";
import { TokenWriter } from "./stream/token-writer.ts";
import { watched } from "./stream/watched.ts";

/**
 * Reads commits and chunks, and writes `tokens.safetensors`, `vocab_stats.json` and (unless a base
 * model brings the vocabulary) `tokenizer.json`.
 *
 * @throws {StageError} whatever reading, choosing the vocabulary and writing can throw.
 */
export async function tokenize(
  options: TokenizeOptions,
  producer: Producer,
  context: StageContext,
): Promise<StageSummary> {
  const { chunks, commits, outputDir, maxDocumentTokens, includeData } = options;
  const graph = new HistoryGraph();
  const headers = await readHeaders(readCommits(commits), graph, context);
  const split = splitHistory(graph, splitRatios(options.split));
  fillEmptySides(headers, split.sides);
  const { encoder, tokenizerJson } = await chooseVocabulary(options, headers, split, context);
  const { vocabulary } = encoder;
  try {
    const writer = await TokenWriter.create(join(outputDir, "tokens.safetensors"), encoder);
    const counter = new StatisticsCounter(split, encoder.tokenBytes);
    try {
      const leftOut: Record<string, number> = {};
      const documents = renderHistory(headers, readChunks(chunks), {
        includeData,
        onLeftOut: (reason) => {
          leftOut[reason] = (leftOut[reason] ?? 0) + 1;
        },
      });
      for await (const rendered of watched(documents, headers.length, "commits", context)) {
        const encoded = encodeDocument(rendered.pieces, encoder, maxDocumentTokens);
        counter.add(rendered, encoded);
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
        left_out_chunks: leftOut,
      });
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
  } finally {
    await encoder.dispose?.();
  }
}

/** The options that the ids depend on: not where things lie, so that the same input gives the same file. */
const recorded = ({ base, tokenizer, vocabSize, ...options }: TokenizeOptions) => ({
  split: options.split,
  max_document_tokens: options.maxDocumentTokens,
  include_data: options.includeData,
  ...(base === undefined && tokenizer === undefined && { vocab_size: vocabSize }),
});
