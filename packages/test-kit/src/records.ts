import { type Chunk, type Commit, SCHEMA_VERSION } from "@repotune/schema";

/** What of a commit matters to a test. */
export interface CommitFields {
  /** Its subject. @default `commit ${number}` */
  message?: string;
  /** @default "ada@example.com" */
  authorEmail?: string;
  /** Paths it modifies, one added line each. @default [] */
  files?: readonly string[];
}

/** The hash of the `number`th commit of a history. */
export const hashOf = (number: number) => (number + 1).toString(16).padStart(40, "0");

/** A commit as it stands in `commits.jsonl`: the `number`th of a linear history. */
export function commit(
  number: number,
  { message = `commit ${number}`, authorEmail = "ada@example.com", files = [] }: CommitFields = {},
): Commit {
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
      author_email: authorEmail,
      timestamp,
      timestamp_unix: 1_700_000_000 + number * 3600,
      committer: "Ada Lovelace",
      committer_email: "ada@example.com",
      commit_timestamp: timestamp,
      commit_timestamp_unix: 1_700_000_000 + number * 3600,
      message,
      message_body: "",
      encoding: null,
      trailers: [],
      co_authors: [],
      parents: number === 0 ? [] : [hashOf(number - 1)],
      is_merge: false,
      is_revert: false,
      is_fixup: false,
      is_squash: false,
      files_changed: files.length,
      insertions: files.length,
      deletions: 0,
      canonical_author: "Ada Lovelace",
      canonical_author_email: authorEmail,
    },
    branches: [{ branch_name: "main", is_current: true, is_remote: false }],
    tags: [],
    diffs: files.map((filename) => ({
      filename,
      old_filename: null,
      change_type: "M",
      similarity: null,
      old_mode: "100644",
      new_mode: "100644",
      old_blob: "c".repeat(40),
      new_blob: "b".repeat(40),
      additions: 1,
      deletions: 0,
      patch: "@@ -0,0 +1 @@\n+fn a() {}\n",
      is_binary: false,
      is_truncated: false,
    })),
    context: {
      is_merge: false,
      is_boundary: false,
      is_bot: false,
      has_tags: false,
      file_count: files.length,
      total_lines_changed: files.length,
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

/** A commit's `index`th chunk as it stands in `chunks.jsonl`, by default a new Rust function. */
export function chunk(of: Commit, index: number, fields: Partial<Chunk> = {}): Chunk {
  const { hash, author, author_email, timestamp, timestamp_unix, message } = of.metadata;
  return {
    schema_version: SCHEMA_VERSION,
    chunk_id: `${of.metadata.abbrev_hash}_${index}`,
    commit_hash: hash,
    commit_number: of.commit_number,
    file_path: of.diffs[0]?.filename ?? "a.rs",
    old_file_path: null,
    file_type: "source",
    language: "rust",
    op: "added",
    is_cosmetic: false,
    change_type: "new_function",
    change_type_source: "syntax",
    confidence: 1,
    change_category: "M",
    kind: "function",
    function_name: "a",
    qualified_name: "a",
    module_path: "crate",
    section: null,
    line_range: { old: null, new: [1, 1] },
    old_code: null,
    new_code: "fn a() {}\n",
    patch: "@@ -0,0 +1 @@\n+fn a() {}\n",
    additions: 1,
    deletions: 0,
    part: null,
    commit_metadata: { hash, author, author_email, timestamp, timestamp_unix, message },
    related_files: [],
    ...fields,
  };
}
