import type { TestRepository } from "@repotune/test-kit/git";
import { type HistoryChange, HistoryTable } from "../src/stats/history-table.ts";

/** A table of a repository's history, filled from what plain git prints. */
export function tableFromGit(repository: TestRepository): {
  table: HistoryTable;
  ids: string[];
  parents: (commit: number) => number[];
} {
  const ids = repository.git("rev-list", "--all", "HEAD", "--date-order", "--reverse").split("\n");
  const table = new HistoryTable();
  for (const id of ids) {
    const format = "--format=%an%n%ae%n%aI%n%at%n%ct%n%P";
    const head = repository.git("show", "--no-patch", format, id).split("\n");
    const [author = "", author_email = "", timestamp = "", seconds, committed, parents] = head;
    const diffs = changesOf(repository, id);
    table.add({
      metadata: {
        author,
        author_email,
        // Beyond what a date can hold, the scraper says that there is none.
        timestamp: Number(seconds) < 8e12 ? timestamp : null,
        timestamp_unix: Number(seconds) < 8e12 ? Number(seconds) : 0,
        commit_timestamp_unix: Number(committed),
        is_merge: (parents ?? "").includes(" "),
        insertions: diffs.reduce((sum, { additions }) => sum + additions, 0),
        deletions: diffs.reduce((sum, { deletions }) => sum + deletions, 0),
      },
      diffs,
    });
  }
  const positions = new Map(ids.map((id, index) => [id, index]));
  const parents = ids.map((id) =>
    repository
      .git("show", "--no-patch", "--format=%P", id)
      .split(" ")
      .flatMap((parent) => positions.get(parent) ?? []),
  );
  return { table, ids, parents: (commit) => parents[commit] as number[] };
}

/** A commit's changes against its first parent. */
function changesOf(repository: TestRepository, id: string): HistoryChange[] {
  const flags = ["--format=", "-M", "--diff-merges=first-parent", "--root"];
  const lines = (kind: string) =>
    repository.git("-c", "core.quotePath=off", "show", ...flags, kind, id).split("\n");
  const counts = lines("--numstat").map((line) => line.split("\t").slice(0, 2));
  return lines("--raw")
    .filter((line) => line !== "")
    .map((line, index) => {
      const [head = "", first = "", second] = line.split("\t");
      const [additions, deletions] = counts[index] ?? [];
      return {
        filename: second ?? first,
        ...(second !== undefined && { old_filename: first }),
        change_type: (head.split(" ")[4] ?? "").charAt(0) as HistoryChange["change_type"],
        additions: Number(additions) || 0, // A binary file has dashes.
        deletions: Number(deletions) || 0,
      };
    });
}
