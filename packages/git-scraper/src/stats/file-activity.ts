import type { HistoryStats } from "@repotune/schema";
import type { FileHistories } from "./file-histories.ts";
import type { HistoryTable } from "./history-table.ts";
import { groupByKey } from "./incidence.ts";
import { roundShare } from "./round-share.ts";
import { Span } from "./span.ts";

type Frequency = HistoryStats["change_frequency"][number];

/** What one author did to a file. */
interface Contribution {
  author: number;
  commits: number;
  additions: number;
}

/** What happened to one file. */
export interface FileActivity {
  /** Number of the file in the {@link FileHistories}. */
  file: number;
  frequency: Frequency;
  /** By lines added, then by commits, most first. */
  contributions: Contribution[];
}

/**
 * Adds up what happened to each file.
 *
 * @param authors for each author of the table the position in the statistics.
 * @returns by commits, most first, then by name.
 */
export function fileActivity(
  table: HistoryTable,
  histories: FileHistories,
  authors: Int32Array,
): FileActivity[] {
  const { starts, positions } = groupByKey(histories.fileOf, histories.paths.length);
  const commitOf = commitsOfChanges(table);
  const files = histories.paths.map((_, file) => {
    const changes = positions.subarray(starts[file], starts[file + 1]);
    return activityOf(table, histories, { file, changes, commitOf, authors });
  });
  return files.sort(
    (a, b) =>
      b.frequency.commits - a.frequency.commits ||
      compareText(a.frequency.filename, b.frequency.filename) ||
      a.file - b.file,
  );
}

/** The tables of a file that exists. */
export function ownershipOf({ frequency, contributions }: FileActivity) {
  const { filename, filename_bytes, commits, additions } = frequency;
  return {
    filename,
    ...(filename_bytes !== undefined && { filename_bytes }),
    commits,
    additions,
    authors: contributions.map((part) => ({
      ...part,
      commit_share: roundShare(part.commits / commits),
      line_share: additions === 0 ? null : roundShare(part.additions / additions),
    })),
  };
}

/** Order by UTF-16 code units, the same on every machine. */
export const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function activityOf(
  table: HistoryTable,
  { paths, exists, earlierPaths }: FileHistories,
  given: { file: number; changes: Uint32Array; commitOf: Uint32Array; authors: Int32Array },
): FileActivity {
  const { file, changes, commitOf, authors } = given;
  const contributions = new Map<number, Contribution>();
  const span = new Span(table);
  let last = -1;
  let commits = 0;
  let additions = 0;
  let deletions = 0;
  for (const change of changes) {
    const commit = commitOf[change] as number;
    const author = authors[table.author(commit)] as number;
    const part = contributions.get(author) ?? { author, commits: 0, additions: 0 };
    contributions.set(author, part);
    if (commit !== last) {
      // A commit can touch a file twice: by its name and by one that it had.
      last = commit;
      commits += 1;
      part.commits += 1;
      span.add(commit);
    }
    additions += table.additions(change);
    deletions += table.removals(change);
    part.additions += table.additions(change);
  }
  const name = table.paths.get(paths[file] as number);
  return {
    file,
    frequency: {
      filename: name.text,
      ...(name.bytes !== undefined && { filename_bytes: name.bytes }),
      exists: exists[file] as boolean,
      renamed_from: (earlierPaths[file] ?? []).map((path) => table.paths.text(path)),
      commits,
      additions,
      deletions,
      ...span.dates(),
    },
    contributions: [...contributions.values()].sort(
      (a, b) => b.additions - a.additions || b.commits - a.commits || a.author - b.author,
    ),
  };
}

/** For each change of the table its commit. */
function commitsOfChanges(table: HistoryTable): Uint32Array {
  const commits = new Uint32Array(table.changeCount);
  for (let commit = 0; commit < table.size; commit += 1) {
    commits.fill(commit, table.changesStart(commit), table.changesEnd(commit));
  }
  return commits;
}
