import type { HistoryStats } from "@repotune/schema";
import { authorActivity } from "./author-activity.ts";
import { coChanges } from "./co-changes.ts";
import { collaboration } from "./collaboration.ts";
import { compareText, fileActivity, ownershipOf } from "./file-activity.ts";
import { traceFiles } from "./file-histories.ts";
import type { HistoryTable } from "./history-table.ts";
import type { HistorySelection } from "./history-totals.ts";
import { monthlyActivity } from "./months.ts";

export interface HistoryStatsOptions extends HistorySelection {
  /**
   * Positions of a commit's parents in the table, the first parent first; -1 for one not there.
   *
   * Only where merges were compared with their first parent, and every commit of the history is in
   * the table: otherwise what a merge or a missing commit brought in is not known on the line.
   *
   * @default the commit before it: one line, in which parallel branches cannot be told apart
   */
  parents?: ((commit: number) => ArrayLike<number>) | undefined;
  /** Position of the commit that HEAD names: its files are those that exist. @default the last */
  head?: number | undefined;
  /** Commits with more files do not count for files that change together. @default 50 */
  maxCommitFiles?: number | undefined;
  /** Commits that two files must have in common to be named as a pair. @default 3 */
  minSupport?: number | undefined;
  /** Pairs kept, of files and of authors alike: the strongest. @default 10000 */
  maxPairs?: number | undefined;
}

/**
 * What a history tells about its files and authors as a whole, as `history_stats.json` has it.
 *
 * A merge counts as a commit of its author, but not with its changes: against the first parent they
 * repeat what the merged commits did. The result depends on nothing but the table and the options.
 *
 * The larger tables are made each time they are read, so that not all need be in memory at once.
 */
export function historyStats(table: HistoryTable, options: HistoryStatsOptions = {}): HistoryStats {
  const { include = () => true, canonical = (person) => person } = options;
  const { parents = (commit: number) => [commit - 1], head = table.size - 1 } = options;
  const { maxCommitFiles = 50, minSupport = 3, maxPairs = 10_000 } = options;
  const { authors, positions } = authorActivity(table, include, canonical);
  const histories = traceFiles(table, { include, parents, head });
  const files = fileActivity(table, histories, positions);
  const rank = new Int32Array(files.length);
  for (const [position, { file }] of files.entries()) rank[file] = position;
  const existing = files.filter(({ frequency }) => frequency.exists);
  return {
    authors,
    ...monthlyActivity(table, include, positions),
    get ownership() {
      return existing.map(ownershipOf).sort((a, b) => compareText(a.filename, b.filename));
    },
    change_frequency: files.map(({ frequency }) => frequency),
    get co_changes() {
      return coChanges(table, histories, rank, { maxCommitFiles, minSupport, maxPairs });
    },
    get collaboration() {
      return collaboration(files, authors.length, maxPairs);
    },
  };
}
