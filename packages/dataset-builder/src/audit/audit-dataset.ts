import { join } from "node:path";
import {
  type HistorySplit,
  type LeakAudit,
  SPLIT_SIDES,
  type SplitSide,
  type StageContext,
  throwIfAborted,
} from "@repotune/schema";
import type { History } from "../input/history.ts";
import { SeenDocuments } from "../input/seen-documents.ts";
import { type CopiedCommit, findCopiedCommits } from "../near-duplicates/copied-commits.ts";
import { Findings, refsOf } from "./findings.ts";
import { lineOverlap } from "./line-overlap.ts";
import { reachableSides } from "./reachable-sides.ts";
import { documentIds, openWrittenSide, type WrittenSide } from "./written-side.ts";

/**
 * Looks for leaks between the sides of a dataset as it lies on the disk: commits on a side where they
 * do not belong, commits and documents that repeat those of an earlier side, and pieces or windows
 * that hold text of two sides.
 *
 * @param folder with the sides' files.
 * @param split that the dataset is said to follow; only its cuts are relied on.
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` or `E_TRUNCATED` for the sides' files.
 */
export async function auditDataset(
  folder: string,
  history: History,
  split: HistorySplit,
  { signal }: StageContext = {},
): Promise<Pick<LeakAudit, "is_clean" | "found" | "line_overlap">> {
  const belongs = reachableSides(history.graph, split);
  const documents = new SeenDocuments();
  const commits = { train: [], validation: [], test: [] } as Record<SplitSide, number[]>;
  const misplaced = new Findings<LeakAudit["found"]["misplaced_commits"]["examples"][number]>();
  const straddling = new Findings<LeakAudit["found"]["straddling_windows"]["examples"][number]>();
  let repeated = 0;
  for (const side of SPLIT_SIDES) {
    throwIfAborted(signal);
    const written = await openWrittenSide(folder, side);
    try {
      commits[side] = [...new Set(written.commits)];
      for (const commit of commits[side]) {
        const right = belongs(commit) ?? null;
        if (right === side) continue;
        const { graph } = history;
        const hash = graph.hashes[commit] ?? `number ${commit}`;
        misplaced.add({ commit: hash, refs: refsOf(graph, commit), side, belongs_to: right });
      }
      for (const row of straddlingRows(written, belongs)) {
        const [start, end] = written.rowAt(row);
        straddling.add({ side, row, start, end });
      }
      repeated += await countRepeated(written, documents);
    } finally {
      await written.file.close();
    }
  }
  const copied = new Findings<LeakAudit["found"]["copied_commits"]["examples"][number]>();
  const scratch = join(folder, "audited-commits.tmp");
  for (const copy of findCopiedCommits(history.lines, commits, scratch)) {
    if (copy.side !== copy.ofSide) copied.add(describeCopy(copy, history));
  }
  const found = {
    misplaced_commits: misplaced.result,
    copied_commits: copied.result,
    straddling_windows: straddling.result,
    repeated_documents: repeated,
  };
  return {
    is_clean:
      misplaced.count + copied.count + straddling.count === 0 && found.repeated_documents === 0,
    found,
    line_overlap: lineOverlap(history.lines, commits),
  };
}

/** A copy by its commits' names. */
export const describeCopy = (copy: CopiedCommit, { graph }: History) => ({
  commit: graph.hashes[copy.commit] ?? "",
  refs: refsOf(graph, copy.commit),
  side: copy.side,
  copy_of: graph.hashes[copy.of] ?? "",
  copy_of_side: copy.ofSide,
  similarity: Math.round(copy.similarity * 1000) / 1000,
  by: copy.by,
});

/** Pieces and windows that reach past the end of the side, or hold documents of two sides. */
function* straddlingRows(
  { offsets, commits, rows, rowAt }: WrittenSide,
  belongs: (commit: number) => SplitSide | undefined,
): Generator<number> {
  /** For each document, how often the side changed up to it. */
  const changes = new Int32Array(commits.length);
  for (let d = 1; d < commits.length; d++) {
    const isChange = belongs(commits[d] as number) !== belongs(commits[d - 1] as number);
    changes[d] = (changes[d - 1] as number) + (isChange ? 1 : 0);
  }
  const end = offsets.at(-1) ?? 0;
  for (let row = 0; row < rows; row++) {
    const [first, past] = rowAt(row);
    if (past > end) yield row;
    else if (changes[documentAt(offsets, first)] !== changes[documentAt(offsets, past - 1)])
      yield row;
  }
}

/** The document that holds a token. */
function documentAt(offsets: Float64Array, token: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] as number) <= token) low = middle;
    else high = middle;
  }
  return low;
}

/** Counts documents that stand, token for token, on an earlier side, and remembers the side's own. */
async function countRepeated(written: WrittenSide, seen: SeenDocuments): Promise<number> {
  let repeated = 0;
  for await (const document of documentIds(written)) {
    const earlier = seen.sideOfEarlier(document, written.side);
    if (earlier !== undefined && earlier !== written.side) repeated += 1;
  }
  return repeated;
}
