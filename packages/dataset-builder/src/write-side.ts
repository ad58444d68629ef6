import { join } from "node:path";
import {
  type DatasetSplit,
  type LeakAudit,
  type SafetensorsFile,
  type StageContext,
  throwIfAborted,
} from "@repotune/schema";
import { share } from "./audit/share.ts";
import type { CommitFacts } from "./input/history.ts";
import type { SeenDocuments } from "./input/seen-documents.ts";
import { readDocuments, type TokenDocument, type TokenStream } from "./input/token-stream.ts";
import type { NearDocuments } from "./near-duplicates/near-documents.ts";
import type { BuildOptions } from "./options.ts";
import { commitStatistics, SideCounter } from "./output/side-statistics.ts";
import { SplitWriter } from "./output/split-writer.ts";
import type { SidePlan } from "./plan-side.ts";
import { tooSmall } from "./too-small.ts";
import { rowsOf, windowsAcrossEnd } from "./windows/rows.ts";

/** What the sides are written from, one after the other. */
export interface SideInput {
  file: SafetensorsFile;
  stream: TokenStream;
  facts: readonly CommitFacts[];
  options: BuildOptions;
  metadata: Record<string, string>;
  /** Documents written so far, and those that are nearly like one of them; undefined to keep all. */
  seen: { exact: SeenDocuments; near: NearDocuments } | undefined;
  /** Authors met so far. */
  authors: Set<string>;
  /** Counts of what is left out, by reason; added to. */
  dropped: Record<string, number>;
}

/** A side that is written. */
export interface WrittenSplit {
  split: DatasetSplit;
  repetition: LeakAudit["repetition"]["train"];
  /** Windows that would have reached over the side's end. */
  windowsAcrossEnd: number;
}

/**
 * Writes the documents of one side and the windows over them.
 *
 * @throws {StageError} `E_TOO_SMALL` if there is no window, `E_INTERRUPTED`.
 */
export async function writeSide(
  plan: SidePlan,
  input: SideInput,
  context: StageContext,
): Promise<WrittenSplit> {
  const { stream, facts, options, metadata, authors, dropped } = input;
  const { side } = plan;
  const commits = plan.commits.flatMap((commit) => facts[commit] ?? []);
  const name = `${side}.safetensors`;
  const writer = new SplitWriter(join(options.outputDir, name), stream, options.objective);
  const counter = new SideCounter(stream.vocabularyBytes);
  const count = (reason: string, documents = 1) => {
    dropped[reason] = (dropped[reason] ?? 0) + documents;
  };
  for (const [reason, documents] of Object.entries(plan.leftOut)) count(reason, documents);
  const repeated = { exact: 0, exactOfEarlier: 0, near: 0, nearOfEarlier: 0, downweighted: 0 };
  try {
    await writer.begin();
    for await (const document of documentsOf(plan, input, context)) {
      if (document.ids.length < 2) {
        count("nothing_to_predict");
        continue;
      }
      const same = input.seen?.exact.sideOfEarlier(document, side);
      if (same !== undefined) {
        repeated.exact += 1;
        if (same !== side) repeated.exactOfEarlier += 1;
        count(`duplicate_in_${side}`);
        continue;
      }
      const near = input.seen?.near.sideOfEarlier(document, side);
      if (near !== undefined) repeated.near += 1;
      if (near !== undefined && near !== side) {
        repeated.nearOfEarlier += 1;
        count(`near_duplicate_in_${side}`);
        continue;
      }
      const isLighter = near !== undefined && side === "train";
      if (isLighter) repeated.downweighted += 1;
      const kept = isLighter ? lighter(document, options.nearDuplicateWeight) : document;
      counter.add(kept);
      await writer.add(kept);
    }
    const rows = await writer.addWindows(rowsOf(writer.offsets, options));
    const { tokens } = counter.result;
    const isPacked = options.objective === "causal";
    const sequences = isPacked ? (rows.last?.[0] ?? -1) + 1 : rows.count;
    if (sequences === 0) throw tooSmall(side, commits, plan, tokens, options);
    const { sha256 } = await writer.commit(metadata);
    const inCopies = plan.leftOut[`copied_commit_in_${side}`] ?? 0;
    const documents = plan.documents + Object.values(plan.leftOut).reduce((sum, n) => sum + n, 0);
    return {
      split: {
        file: name,
        sha256,
        ...commitStatistics(commits, authors),
        ...counter.result,
        sequences,
        downweighted_documents: repeated.downweighted,
        ...(isPacked && {
          filled_share: share(rows.lengths, sequences * options.sequenceLength),
        }),
      },
      repetition: {
        documents,
        in_copied_commits: inCopies,
        exact: repeated.exact,
        exact_of_earlier_side: repeated.exactOfEarlier,
        near: repeated.near,
        near_of_earlier_side: repeated.nearOfEarlier,
        repeated_share: share(inCopies + repeated.exact + repeated.near, documents),
      },
      windowsAcrossEnd: windowsAcrossEnd(tokens, options),
    };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** Reads the documents of a plan, in its order. */
async function* documentsOf(
  { side, ranges, documents }: SidePlan,
  { file, stream }: SideInput,
  { signal, onProgress }: StageContext,
): AsyncGenerator<TokenDocument> {
  let done = 0;
  for (const [first, end] of ranges) {
    for await (const document of readDocuments(file, stream, first, end)) {
      throwIfAborted(signal);
      onProgress?.({
        stage: "dataset-builder",
        done: ++done,
        total: documents,
        unit: `${side} documents`,
      });
      yield document;
    }
  }
}

/** A document with a part of its loss weights; what weighed anything still does. */
function lighter(document: TokenDocument, percent: number): TokenDocument {
  const lossWeights = document.lossWeights.map((weight) =>
    weight === 0 || percent === 0 ? 0 : Math.max(1, Math.round((weight * percent) / 100)),
  );
  return { ...document, lossWeights };
}
