import { type Commit, SCHEMA_VERSION } from "@repotune/schema";

const hashOf = (number: number) => (number + 1).toString(16).padStart(40, "0");

/** A commit, the `number`th of its history. */
export function commit(number: number, author = "ada@example.com"): Commit {
  const hash = hashOf(number);
  const timestamp = new Date((1_700_000_000 + number * 3600) * 1000).toISOString();
  return {
    schema_version: SCHEMA_VERSION,
    commit_number: number,
    metadata: {
      hash,
      abbrev_hash: hash.slice(0, 12),
      tree_hash: "a".repeat(40),
      author: "Ada Lovelace",
      author_email: author,
      timestamp,
      timestamp_unix: 1_700_000_000 + number * 3600,
      committer: "Ada Lovelace",
      committer_email: "ada@example.com",
      commit_timestamp: timestamp,
      commit_timestamp_unix: 1_700_000_000 + number * 3600,
      message: `commit ${number}`,
      message_body: "",
      encoding: null,
      parents: number === 0 ? [] : [hashOf(number - 1)],
      is_merge: false,
      is_revert: false,
      is_fixup: false,
      is_squash: false,
      files_changed: 0,
      insertions: 0,
      deletions: 0,
    },
    branches: [{ branch_name: "main", is_current: true, is_remote: false }],
    tags: [],
    diffs: [],
    context: {
      is_merge: false,
      has_tags: false,
      file_count: 0,
      total_lines_changed: 0,
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
