import type { HistoryStats } from "@repotune/schema";
import type { HistoryTable } from "./history-table.ts";

type Month = Omit<HistoryStats["months"][number], "authors"> & { counts: Map<number, number> };

/**
 * Commits by the month of their author date, in UTC.
 *
 * @param authors for each author of the table the position in the statistics.
 */
export function monthlyActivity(
  table: HistoryTable,
  include: (commit: number) => boolean,
  authors: Int32Array,
): Pick<HistoryStats, "months" | "undated_commits"> {
  const months = new Map<number, Month>();
  let undated = 0;
  for (let commit = 0; commit < table.size; commit += 1) {
    if (!include(commit)) continue;
    if (!table.hasDate(commit)) {
      undated += 1;
      continue;
    }
    const month = monthOf(months, table.seconds(commit));
    month.commits += 1;
    const author = authors[table.author(commit)] as number;
    month.counts.set(author, (month.counts.get(author) ?? 0) + 1);
    if (table.isMerge(commit)) {
      month.merges += 1;
    } else {
      month.insertions += table.insertions(commit);
      month.deletions += table.deletions(commit);
    }
  }
  const ordered = [...months].sort(([a], [b]) => a - b);
  return {
    months: ordered.map(([, { counts, ...month }]) => ({ ...month, authors: byCommits(counts) })),
    undated_commits: undated,
  };
}

function monthOf(months: Map<number, Month>, seconds: number): Month {
  const date = new Date(seconds * 1000);
  const key = date.getUTCFullYear() * 12 + date.getUTCMonth();
  let month = months.get(key);
  if (!month) {
    // A year beyond 9999 has more digits.
    const text = date.toISOString().split("T", 1).join("").slice(0, -3);
    const none = { commits: 0, merges: 0, insertions: 0, deletions: 0 };
    month = { month: text, ...none, counts: new Map() };
    months.set(key, month);
  }
  return month;
}

const byCommits = (counts: ReadonlyMap<number, number>) =>
  [...counts]
    .map(([author, commits]) => ({ author, commits }))
    .sort((a, b) => b.commits - a.commits || a.author - b.author);
