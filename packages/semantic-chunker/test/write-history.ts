import { type Commit, type CommitsMetadata, SCHEMA_VERSION, writeCommits } from "@repotune/schema";
import { stage } from "../src/index.ts";
import { stream } from "./history.ts";

/** Writes commits as a scraper does, with what stands beside them. */
export async function writeHistory(path: string, commits: Commit[]): Promise<void> {
  const provenance = {
    schema_version: SCHEMA_VERSION,
    producer: stage.producer,
    options: {},
    input_hash: "",
  };
  const sum = (of: (commit: Commit) => number) =>
    commits.reduce((total, commit) => total + of(commit), 0);
  const metadata = (): CommitsMetadata => ({
    scrape_timestamp: "2025-01-01T00:00:00.000Z",
    repository: "repository",
    total_commits: commits.length,
    total_authors: 1,
    merge_commits: sum(({ metadata }) => Number(metadata.is_merge)),
    total_files_touched: sum(({ diffs }) => diffs.length),
    unique_branches: 1,
    branches: ["main"],
    total_insertions: sum(({ metadata }) => metadata.insertions),
    total_deletions: sum(({ metadata }) => metadata.deletions),
    date_range: { first: null, last: null },
    refs_scope: "all",
    is_shallow: false,
    filtered: {
      commits: { date: 0, author: 0, bot: 0, merge: 0, path: 0 },
      files: { path: 0 },
      truncated: { patches: 0 },
    },
    failures: [],
  });
  await writeCommits(path, stream(commits), provenance, metadata);
}
