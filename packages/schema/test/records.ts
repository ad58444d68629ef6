import {
  type Commit,
  type CommitsMetadata,
  type Provenance,
  SCHEMA_VERSION,
} from "../src/index.ts";

/** A small commit with one file, the `number`th of its history. */
export function commit(number: number): Commit {
  const hash = number.toString(16).padStart(40, "0");
  return {
    schema_version: SCHEMA_VERSION,
    commit_number: number,
    metadata: {
      hash,
      abbrev_hash: hash.slice(0, 12),
      tree_hash: "a".repeat(40),
      author: "Ada",
      author_email: "ada@example.com",
      timestamp: "2026-01-01T00:00:00+00:00",
      timestamp_unix: 1767225600,
      committer: "Ada",
      committer_email: "ada@example.com",
      commit_timestamp: "2026-01-01T00:00:00+00:00",
      commit_timestamp_unix: 1767225600,
      message: `commit ${number}`,
      message_body: "",
      encoding: null,
      parents: [],
      is_merge: false,
      is_revert: false,
      is_fixup: false,
      is_squash: false,
      files_changed: 1,
      insertions: 1,
      deletions: 0,
    },
    branches: [{ branch_name: "main", is_current: true, is_remote: false }],
    tags: [],
    diffs: [
      {
        filename: "a.rs",
        old_filename: null,
        change_type: "A",
        similarity: null,
        old_mode: "000000",
        new_mode: "100644",
        old_blob: "0".repeat(40),
        new_blob: "b".repeat(40),
        additions: 1,
        deletions: 0,
        patch: "@@ -0,0 +1 @@\n+fn a() {}\n",
        is_binary: false,
        is_truncated: false,
      },
    ],
    context: {
      is_merge: false,
      has_tags: false,
      file_count: 1,
      total_lines_changed: 1,
      complexity_score: 0,
      is_high_risk: false,
      seconds_since_parent: null,
      related_issues: [],
      related_commits: [],
      directories: ["."],
      merge_base: null,
      conflicted_files: [],
    },
  };
}

export const metadata = (total: number): CommitsMetadata => ({
  scrape_timestamp: "2026-01-02T00:00:00.000Z",
  repository: "example",
  total_commits: total,
  total_authors: 1,
  merge_commits: 0,
  total_files_touched: 1,
  unique_branches: 1,
  branches: ["main"],
  total_insertions: total,
  total_deletions: 0,
  date_range: { first: null, last: null },
  refs_scope: "all",
  is_shallow: false,
  failures: [],
});

export const provenanceOf = (): Provenance => ({
  schema_version: SCHEMA_VERSION,
  producer: { name: "@repotune/test", version: "0.0.0" },
  options: {},
  input_hash: "0",
});
