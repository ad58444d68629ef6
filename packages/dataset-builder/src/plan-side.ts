import { createHash } from "node:crypto";
import type { SplitSide } from "@repotune/schema";
import type { TokenStream } from "./input/token-stream.ts";

/** What one side of a dataset is written from. */
export interface SidePlan {
  side: SplitSide;
  /** Commits on the side, in the order of time, copies of earlier sides' commits included. */
  commits: readonly number[];
  /** Documents to write, in the order of time: ranges of the stream, ends exclusive. */
  ranges: (readonly [first: number, end: number])[];
  documents: number;
  /** Documents left out by the plan, by reason. */
  leftOut: Record<string, number>;
}

/** First document of each commit, and at the end the number of documents. */
export function firstDocuments({ commits }: Pick<TokenStream, "commits">, total: number) {
  const first = new Int32Array(total + 1);
  let document = 0;
  for (let commit = 0; commit <= total; commit++) {
    while (document < commits.length && (commits[document] as number) < commit) document++;
    first[commit] = document;
  }
  return first;
}

/** What decides which documents a side gets. */
export interface PlanRules {
  /** First document of each commit, from {@link firstDocuments}. */
  first: Int32Array;
  /** Ids of the commits. */
  hashes: readonly string[];
  /** Whether a commit only copies one of an earlier side. */
  isCopied: (commit: number) => boolean;
  /** Tokens of one commit at most; 0 for any number. */
  maxCommitTokens: number;
}

/**
 * Lays out which documents a side gets.
 *
 * @param commits on the side, in the order of time.
 */
export function planSide(
  side: SplitSide,
  commits: readonly number[],
  stream: Pick<TokenStream, "offsets">,
  { first, hashes, isCopied, maxCommitTokens }: PlanRules,
): SidePlan {
  const plan: SidePlan = { side, commits, ranges: [], documents: 0, leftOut: {} };
  const leaveOut = (reason: string, documents: number) => {
    if (documents > 0) plan.leftOut[reason] = (plan.leftOut[reason] ?? 0) + documents;
  };
  const add = (start: number, end: number) => {
    plan.documents += end - start;
    const last = plan.ranges.at(-1);
    if (last?.[1] === start) plan.ranges[plan.ranges.length - 1] = [last[0], end];
    else if (start < end) plan.ranges.push([start, end]);
  };
  for (const commit of commits) {
    const [start, end] = [first[commit] as number, first[commit + 1] as number];
    if (isCopied(commit)) {
      leaveOut(`copied_commit_in_${side}`, end - start);
      continue;
    }
    const tokens = (stream.offsets[end] as number) - (stream.offsets[start] as number);
    if (maxCommitTokens === 0 || tokens <= maxCommitTokens) {
      add(start, end);
      continue;
    }
    const kept = chooseDocuments(stream, start, end, maxCommitTokens, hashes[commit] ?? "");
    for (const document of kept) add(document, document + 1);
    leaveOut(`beyond_commit_limit_in_${side}`, end - start - kept.length);
  }
  return plan;
}

/**
 * Which documents of a large commit stay: its last, the overview, then others as a hash draws them,
 * so that all parts of the commit have their share. The draw depends on the commit alone.
 */
function chooseDocuments(
  { offsets }: Pick<TokenStream, "offsets">,
  start: number,
  end: number,
  maxTokens: number,
  hash: string,
): number[] {
  const drawn = Array.from({ length: end - start }, (_, i) => ({
    document: start + i,
    draw:
      start + i === end - 1
        ? -1
        : createHash("sha256").update(`${hash} ${i}`).digest().readUInt32LE(),
  })).sort((a, b) => a.draw - b.draw || a.document - b.document);
  let room = maxTokens;
  const kept: number[] = [];
  for (const { document } of drawn) {
    const length = (offsets[document + 1] as number) - (offsets[document] as number);
    if (length > room) continue;
    room -= length;
    kept.push(document);
  }
  return kept.sort((a, b) => a - b);
}
