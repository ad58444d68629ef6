import type { HistoryStats } from "@repotune/schema";
import type { FileHistories } from "./file-histories.ts";
import type { HistoryTable } from "./history-table.ts";
import { Incidence } from "./incidence.ts";
import { roundShare } from "./round-share.ts";
import { Strongest } from "./strongest.ts";

export interface CoChangeOptions {
  /** Commits with more files say nothing about pairs of them, and do not count. */
  maxCommitFiles: number;
  /** Pairs with fewer commits in common are left out. */
  minSupport: number;
  /** The strongest pairs that are kept. */
  maxPairs: number;
}

interface Pair {
  a: number;
  b: number;
  support: number;
  lift: number;
}

/**
 * Which files change together: association rules between pairs (Agrawal et al., "Mining association
 * rules between sets of items in large databases", 1993) over the commits that are no merges.
 *
 * Exact: a file with fewer commits than the least support is in no pair, so it is left out first.
 *
 * @param rank for each file of the histories its position in the table of files.
 */
export function coChanges(
  table: HistoryTable,
  histories: FileHistories,
  rank: Int32Array,
  options: CoChangeOptions,
): HistoryStats["co_changes"] {
  const { maxCommitFiles, minSupport, maxPairs } = options;
  const commitsOf = new Uint32Array(rank.length);
  let commits = 0;
  let tooLarge = 0;
  for (const files of filesOfCommits(table, histories, rank)) {
    if (files.length > maxCommitFiles) {
      tooLarge += 1;
      continue;
    }
    commits += 1;
    for (const file of files) commitsOf[file] = (commitsOf[file] as number) + 1;
  }
  const incidence = new Incidence();
  for (const files of filesOfCommits(table, histories, rank)) {
    if (files.length > maxCommitFiles) continue;
    for (const file of files) if ((commitsOf[file] as number) >= minSupport) incidence.add(file);
    incidence.endGroup();
  }
  const strongest = new Strongest<Pair>(
    maxPairs,
    (x, y) => y.support - x.support || y.lift - x.lift || x.a - y.a || x.b - y.b,
  );
  incidence.forEachPair(rank.length, (a, b, support) => {
    if (support < minSupport) return;
    const expected = ((commitsOf[a] as number) * (commitsOf[b] as number)) / commits;
    strongest.add({ a, b, support, lift: support / expected });
  });
  const { items, cut } = strongest.take();
  return {
    max_commit_files: maxCommitFiles,
    min_support: minSupport,
    commits,
    commits_too_large: tooLarge,
    pairs_left_out: cut,
    pairs: items.map(({ a, b, support, lift }) => ({
      files: [a, b],
      support,
      confidence: [
        roundShare(support / (commitsOf[a] as number)),
        roundShare(support / (commitsOf[b] as number)),
      ],
      lift: roundShare(lift),
    })),
  };
}

/** The files that each commit changed, each once; a list is good until the next one is asked for. */
function* filesOfCommits(
  table: HistoryTable,
  { fileOf }: FileHistories,
  rank: Int32Array,
): Generator<readonly number[]> {
  const lastCommit = new Int32Array(rank.length).fill(-1);
  const files: number[] = [];
  for (let commit = 0; commit < table.size; commit += 1) {
    files.length = 0;
    const end = table.changesEnd(commit);
    for (let change = table.changesStart(commit); change < end; change += 1) {
      const file = fileOf[change] as number;
      if (file < 0 || lastCommit[file] === commit) continue;
      lastCommit[file] = commit;
      files.push(rank[file] as number);
    }
    if (files.length > 0) yield files;
  }
}
