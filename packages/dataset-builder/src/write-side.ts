import { join } from "node:path";
import {
  type DatasetSplit,
  type SafetensorsFile,
  type StageContext,
  throwIfAborted,
} from "@repotune/schema";
import type { CommitFacts } from "./input/history.ts";
import { readDocuments, type TokenDocument, type TokenStream } from "./input/token-stream.ts";
import type { BuildOptions } from "./options.ts";
import { commitStatistics, SideCounter } from "./output/side-statistics.ts";
import { type Row, SplitWriter } from "./output/split-writer.ts";
import type { SideRange } from "./side-ranges.ts";
import { tooSmall } from "./too-small.ts";
import { contextTargetWindows } from "./windows/context-target.ts";
import { packDocuments } from "./windows/pack-documents.ts";

/** What one side is written from. */
export interface SideInput {
  file: SafetensorsFile;
  stream: TokenStream;
  range: SideRange;
  commits: readonly CommitFacts[];
  options: BuildOptions;
  metadata: Record<string, string>;
  /** Tells whether a document is left out because it repeats one of this or an earlier side. */
  isDuplicate: (document: TokenDocument) => boolean;
  /** Counts of what is left out, by reason; added to. */
  dropped: Record<string, number>;
}

/**
 * Writes the documents of one side and the windows over them.
 *
 * @throws {StageError} `E_TOO_SMALL` if there is no window, `E_INTERRUPTED`.
 */
export async function writeSide(input: SideInput, context: StageContext): Promise<DatasetSplit> {
  const { file, stream, range, commits, options, metadata, isDuplicate, dropped } = input;
  const { side, firstDocument, endDocument } = range;
  const name = `${side}.safetensors`;
  const writer = new SplitWriter(join(options.outputDir, name), stream, options.objective);
  const counter = new SideCounter(stream.vocabularyBytes);
  const drop = (reason: string) => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  try {
    await writer.begin();
    let done = firstDocument;
    for await (const document of readDocuments(file, stream, firstDocument, endDocument)) {
      throwIfAborted(context.signal);
      context.onProgress?.({
        stage: "dataset-builder",
        done: ++done,
        total: stream.commits.length,
        unit: "documents",
      });
      if (document.ids.length < 2) drop("nothing_to_predict");
      else if (isDuplicate(document)) drop(`duplicate_in_${side}`);
      else {
        counter.add(document);
        await writer.add(document);
      }
    }
    const { count, last } = await writer.addWindows(rows(writer.offsets, options));
    const sequences = options.objective === "causal" ? (last?.[0] ?? -1) + 1 : count;
    if (sequences === 0) throw tooSmall(range, commits, counter.result.tokens, options);
    const { sha256 } = await writer.commit(metadata);
    return { file: name, sha256, ...commitStatistics(commits), ...counter.result, sequences };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** Pieces or windows as rows of three numbers, see `WINDOW_TENSORS`. */
function* rows(offsets: readonly number[], options: BuildOptions): Generator<Row> {
  if (options.objective === "causal") {
    for (const { sequence, start, length } of packDocuments(offsets, options.sequenceLength)) {
      yield [sequence, start, length];
    }
  } else {
    for (const { start, targetStart, end } of contextTargetWindows(offsets.at(-1) ?? 0, options)) {
      yield [start, targetStart, end];
    }
  }
}
