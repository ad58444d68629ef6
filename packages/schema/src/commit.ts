import { type Static, Type } from "typebox";
import { provenance } from "./provenance.ts";

const Hash = (description: string) => Type.String({ pattern: "^[0-9a-f]{40,64}$", description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });
/** Present only where the text beside it is not valid UTF-8 and so holds U+FFFD. */
const Bytes = (of: string) =>
  Type.Optional(
    Type.String({ description: `Exact bytes of \`${of}\` in base64, where it is not UTF-8.` }),
  );
const Timestamp = (whose: string) =>
  Type.Union([Type.String(), Type.Null()], {
    description: `${whose} date, ISO 8601 with its own offset; null where git's value is no date.`,
  });

const DiffSchema = Type.Object({
  filename: Type.String({ description: "Path after the change (before it, for a deletion)." }),
  filename_bytes: Bytes("filename"),
  old_filename: Type.Union([Type.String(), Type.Null()], {
    description: "Path before the change, for renames and copies.",
  }),
  old_filename_bytes: Bytes("old_filename"),
  change_type: Type.Enum(["A", "M", "D", "R", "C", "T"], {
    description: "git's letter: added, modified, deleted, renamed, copied, type changed.",
  }),
  similarity: Type.Union([Type.Integer({ minimum: 0, maximum: 100 }), Type.Null()], {
    description: "Percent of a rename or copy that is unchanged.",
  }),
  old_mode: Type.String({ description: "Six octal digits; 000000 where the file did not exist." }),
  new_mode: Type.String({ description: "Six octal digits; 000000 where the file is gone." }),
  old_blob: Type.String({ description: "Object id before; all zeros where there was none." }),
  new_blob: Type.String({ description: "Object id after; all zeros where there is none." }),
  additions: Count("Lines added, counted in the patch."),
  deletions: Count("Lines removed, counted in the patch."),
  is_binary: Type.Boolean(),
  is_truncated: Type.Boolean({ description: "Whether the patch was left out." }),
  patch: Type.String({
    description: "Unified diff with three lines of context; empty if there is none.",
  }),
  patch_bytes: Bytes("patch"),
});

const BranchSchema = Type.Object({
  branch_name: Type.String({ description: "Without refs/heads/ or refs/remotes/." }),
  is_current: Type.Boolean({ description: "Whether HEAD points to it." }),
  is_remote: Type.Boolean(),
});

const PersonSchema = Type.Object({ name: Type.String(), email: Type.String() });

/** What the commit object says; it never changes. */
const metadata = {
  hash: Hash("Full commit id."),
  abbrev_hash: Type.String({ description: "First 12 hex digits of the id." }),
  tree_hash: Hash("Tree id."),
  author: Type.String(),
  author_email: Type.String(),
  timestamp: Timestamp("Author"),
  timestamp_unix: Type.Integer({ description: "Author date in seconds since 1970." }),
  committer: Type.String(),
  committer_email: Type.String(),
  commit_timestamp: Timestamp("Committer"),
  commit_timestamp_unix: Type.Integer({ description: "Committer date in seconds since 1970." }),
  message: Type.String({ description: "Subject: the first paragraph on one line, git's %s." }),
  message_body: Type.String({ description: "What follows the subject, git's %b." }),
  message_bytes: Bytes("the whole message"),
  encoding: Type.Union([Type.String(), Type.Null()], {
    description: "The commit's `encoding` header; null for UTF-8.",
  }),
  trailers: Type.Array(Type.Object({ key: Type.String(), value: Type.String() }), {
    description: "Trailers of the message as git reads them, unfolded, in order.",
  }),
  co_authors: Type.Array(PersonSchema, { description: "From `Co-authored-by` trailers." }),
  parents: Type.Array(Hash("Parent id."), { description: "Two or more for a merge." }),
  is_merge: Type.Boolean(),
  is_revert: Type.Boolean(),
  is_fixup: Type.Boolean(),
  is_squash: Type.Boolean(),
  files_changed: Count("Length of `diffs`."),
  insertions: Count("Sum of additions."),
  deletions: Count("Sum of deletions."),
};

const context = {
  is_merge: Type.Boolean(),
  is_boundary: Type.Boolean({
    description: "Whether parents are missing (a shallow clone's edge), so that `diffs` add files.",
  }),
  is_bot: Type.Boolean({ description: "Whether the author is a known kind of program." }),
  file_count: Count("Length of `diffs`."),
  total_lines_changed: Count("Additions and deletions."),
  complexity_score: Type.Number({
    minimum: 0,
    maximum: 1,
    description: "Size and spread of the change; docs/formats.md has the formula.",
  }),
  is_high_risk: Type.Boolean({ description: "Whether complexity_score is at least 0.7." }),
  seconds_since_parent: Type.Union([Type.Integer(), Type.Null()], {
    description: "Commit date less the first parent's; null for a root. May be negative.",
  }),
  related_issues: Type.Array(Type.String(), {
    description: "References in the message, such as `#12` or `owner/name#12`.",
  }),
  related_commits: Type.Array(Type.String(), {
    description: "Commit ids in the message that name earlier commits of this history, in full.",
  }),
  directories: Type.Array(Type.String(), { description: "Folders touched, sorted." }),
  merge_base: Type.Union([Type.String(), Type.Null()], {
    description: "Best common ancestor of a merge's first two parents, where computed.",
  }),
  conflicted_files: Type.Array(Type.String(), {
    description: "Paths that conflict when the merge is repeated, where computed.",
  }),
};

const diffs = Type.Array(DiffSchema, {
  description: "Changes against the first parent (the empty tree for a root).",
});

/**
 * JSON Schema of one line of `commits.jsonl`: all of a commit that never changes. What later refs
 * and commits change of it stands in `commits.lineage.json`.
 */
export const CommitLineSchema = Type.Object(
  {
    schema_version: provenance.schema_version,
    commit_number: Count("Position of the line, 0 for the first; parents come first."),
    metadata: Type.Object(metadata),
    context: Type.Object(context),
    diffs,
  },
  { $id: "https://repotune.dev/schema/1/commit-line.schema.json", title: "CommitLine" },
);

/** A commit as a line of `commits.jsonl` has it. */
export type CommitLine = Static<typeof CommitLineSchema>;

/** JSON Schema of a whole commit: an element of `commits` in `commits.json`. */
export const CommitSchema = Type.Object(
  {
    schema_version: provenance.schema_version,
    commit_number: Count("Position in the history, 0 for the oldest; parents come first."),
    metadata: Type.Object({
      ...metadata,
      canonical_author: Type.String({ description: "The author by the `.mailmap`, git's %aN." }),
      canonical_author_email: Type.String({ description: "By the `.mailmap`, git's %aE." }),
    }),
    branches: Type.Array(BranchSchema, { description: "Every branch that contains the commit." }),
    tags: Type.Array(Type.String(), { description: "Tags on the commit itself." }),
    context: Type.Object({ ...context, has_tags: Type.Boolean() }),
    diffs,
  },
  { $id: "https://repotune.dev/schema/1/commit.schema.json", title: "Commit" },
);

/** One commit with everything it changed. */
export type Commit = Static<typeof CommitSchema>;

/** A branch that contains a commit. */
export type Branch = Static<typeof BranchSchema>;

/** A name and an address, as a commit or a trailer has them. */
export type Person = Static<typeof PersonSchema>;

/**
 * JSON Schema of `commits.lineage.json`: what is known of the commits of a `commits.jsonl` that
 * changes while they do not, because branches and tags move and a `.mailmap` grows.
 */
export const LineageSchema = Type.Object(
  {
    ...provenance,
    branches: Type.Array(BranchSchema, { description: "All branches, in git's order of refs." }),
    sets: Type.Array(
      Type.Union([
        Type.Null(),
        Type.Integer({ minimum: 0 }),
        Type.Tuple([Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 0 })]),
      ]),
      {
        description:
          "Sets of branches: null is the empty one, a number that of one branch, a pair the union of two earlier sets.",
      },
    ),
    commits: Type.Array(Type.Tuple([Type.Integer({ minimum: -1 }), Type.Integer({ minimum: 1 })]), {
      description:
        "[set, n]: the next n lines are contained in the branches of that set; -1: no ref leads to them any more.",
    }),
    tags: Type.Array(Type.Tuple([Type.Integer({ minimum: 0 }), Type.Array(Type.String())]), {
      description: "[line, names], lines from 0: the tags on a commit.",
    }),
    mailmap: Type.Array(
      Type.Object({
        author: Type.String(),
        author_email: Type.String(),
        canonical_author: Type.String(),
        canonical_author_email: Type.String(),
      }),
      { description: "Authors whom the `.mailmap` gives another name or address." },
    ),
  },
  {
    $id: "https://repotune.dev/schema/1/commits-lineage.schema.json",
    title: "commits.lineage.json",
  },
);

export type Lineage = Static<typeof LineageSchema>;

/** One file's change in a commit. */
export type Diff = Static<typeof DiffSchema>;

export const CommitsMetadataSchema = Type.Object({
  scrape_timestamp: Type.String({ description: "When the history was read, ISO 8601 in UTC." }),
  repository: Type.String({ description: "Name of the repository's folder." }),
  total_commits: Count("Commits in the file."),
  total_authors: Count("Distinct author e-mail addresses."),
  merge_commits: Count("Commits with two or more parents."),
  total_files_touched: Count("Distinct paths in all diffs."),
  unique_branches: Count("Length of `branches`."),
  branches: Type.Array(Type.String()),
  total_insertions: Count("Sum over all commits."),
  total_deletions: Count("Sum over all commits."),
  date_range: Type.Object({
    first: Type.Union([Type.String(), Type.Null()]),
    last: Type.Union([Type.String(), Type.Null()]),
  }),
  refs_scope: Type.String({ description: "Which refs were followed, e.g. `all`." }),
  is_shallow: Type.Boolean({ description: "Whether the clone lacks part of its history." }),
  filtered: Type.Object(
    {
      commits: Type.Object(
        {
          date: Count("Before `since` or after `until`."),
          author: Count("Of authors who are not wanted."),
          bot: Count("Of bots."),
          merge: Count("Merges."),
          path: Count("Without a file that is wanted."),
        },
        { description: "Commits left out, by the first reason that applied." },
      ),
      files: Type.Object({ path: Count("Not wanted, of commits that are kept.") }),
      truncated: Type.Object({ patches: Count("Patches beyond a limit.") }),
    },
    { description: "What filters and limits left out." },
  ),
  failures: Type.Array(
    Type.Object({
      commit_hash: Type.String(),
      object: Type.Union([Type.String(), Type.Null()], { description: "Id of what is missing." }),
      filename: Type.Union([Type.String(), Type.Null()]),
      reason: Type.String(),
    }),
    { description: "What could not be read, and was left out." },
  ),
});

/** Facts about a whole history. */
export type CommitsMetadata = Static<typeof CommitsMetadataSchema>;

/** JSON Schema of `commits.json`. */
export const CommitsFileSchema = Type.Object(
  {
    ...provenance,
    commits: Type.Array(CommitSchema),
    metadata: CommitsMetadataSchema,
  },
  { $id: "https://repotune.dev/schema/1/commits.schema.json", title: "commits.json" },
);

/** JSON Schema of `commits.meta.json`, which stands beside `commits.jsonl`. */
export const CommitsSidecarSchema = Type.Object(
  { ...provenance, metadata: CommitsMetadataSchema },
  { $id: "https://repotune.dev/schema/1/commits-meta.schema.json", title: "commits.meta.json" },
);

export type CommitsSidecar = Static<typeof CommitsSidecarSchema>;
