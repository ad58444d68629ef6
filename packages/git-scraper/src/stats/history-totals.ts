import type { CommitsMetadata, Person } from "@repotune/schema";
import type { HistoryTable } from "./history-table.ts";
import { Span } from "./span.ts";

/** Which commits of a table count, and who is meant by an author's name. */
export interface HistorySelection {
  /** @default every commit counts */
  include?: ((commit: number) => boolean) | undefined;
  /** Whom a name stands for, e.g. by a mailmap. @default whom the commit names */
  canonical?: ((person: Person) => Person) | undefined;
}

/** Facts about a whole history that stand in its metadata. */
export type HistoryTotals = Pick<
  CommitsMetadata,
  | "total_commits"
  | "total_authors"
  | "merge_commits"
  | "total_files_touched"
  | "total_insertions"
  | "total_deletions"
  | "date_range"
>;

/** Adds up the commits of a table; merges count with their changes against the first parent. */
export function historyTotals(
  table: HistoryTable,
  { include = () => true, canonical = (person) => person }: HistorySelection = {},
): HistoryTotals {
  const authors = new Set<number>();
  const isTouched = new Uint8Array(table.paths.size);
  const span = new Span(table);
  const totals = { commits: 0, merges: 0, files: 0, insertions: 0, deletions: 0 };
  for (let commit = 0; commit < table.size; commit += 1) {
    if (!include(commit)) continue;
    totals.commits += 1;
    if (table.isMerge(commit)) totals.merges += 1;
    totals.insertions += table.insertions(commit);
    totals.deletions += table.deletions(commit);
    authors.add(table.author(commit));
    span.add(commit);
    const end = table.changesEnd(commit);
    for (let change = table.changesStart(commit); change < end; change += 1) {
      const path = table.path(change);
      if (isTouched[path] === 0) totals.files += 1;
      isTouched[path] = 1;
    }
  }
  const emails = [...authors].map((author) => canonical(table.authors[author] as Person).email);
  return {
    total_commits: totals.commits,
    total_authors: new Set(emails).size,
    merge_commits: totals.merges,
    total_files_touched: totals.files,
    total_insertions: totals.insertions,
    total_deletions: totals.deletions,
    date_range: span.dates(),
  };
}
