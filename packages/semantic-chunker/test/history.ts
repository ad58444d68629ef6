import { type Commit, SCHEMA_VERSION } from "@repotune/schema";
import type { TestRepository } from "@repotune/test-kit/git";

const FIELDS = "%H%x00%h%x00%T%x00%an%x00%ae%x00%aI%x00%at%x00%s%x00%b%x00%P";

/**
 * The commits of a repository, as a scraper writes them, read by git itself.
 *
 * @param flags further ones of `git diff-tree`, such as `-C`.
 */
export function scrape(repository: TestRepository, flags: string[] = []): Commit[] {
  const ids = repository.git("rev-list", "--all", "--date-order", "--reverse").split("\n");
  return ids.filter(Boolean).map((id, number) => commitOf(repository, id, number, flags));
}

/** The commits as an `AsyncIterable`. */
export async function* stream(commits: Commit[]): AsyncGenerator<Commit> {
  yield* commits;
}

function commitOf(
  repository: TestRepository,
  id: string,
  commit_number: number,
  flags: string[],
): Commit {
  const fields = repository.git("show", "-s", "--abbrev=12", `--format=${FIELDS}`, id).split("\0");
  const [hash = "", abbrev_hash = "", tree_hash = "", author = "", author_email = ""] = fields;
  const [timestamp = "", unix = "", message = "", message_body = "", parentIds = ""] =
    fields.slice(5);
  const parents = parentIds.trim().split(" ").filter(Boolean);
  const diffs = diffsOf(repository, hash, parents[0], flags);
  const insertions = diffs.reduce((sum, diff) => sum + diff.additions, 0);
  const deletions = diffs.reduce((sum, diff) => sum + diff.deletions, 0);
  const timestamp_unix = Number(unix);
  const is_merge = parents.length > 1;
  return {
    schema_version: SCHEMA_VERSION,
    commit_number,
    metadata: {
      hash,
      abbrev_hash,
      tree_hash,
      author,
      author_email,
      timestamp,
      timestamp_unix,
      committer: author,
      committer_email: author_email,
      commit_timestamp: timestamp,
      commit_timestamp_unix: timestamp_unix,
      message,
      message_body: message_body.trim(),
      encoding: null,
      trailers: [],
      co_authors: [],
      parents,
      is_merge,
      is_revert: false,
      is_fixup: false,
      is_squash: false,
      files_changed: diffs.length,
      insertions,
      deletions,
      canonical_author: author,
      canonical_author_email: author_email,
    },
    branches: [],
    tags: [],
    diffs,
    context: {
      is_merge,
      is_boundary: false,
      is_bot: false,
      has_tags: false,
      file_count: diffs.length,
      total_lines_changed: insertions + deletions,
      complexity_score: 0,
      is_high_risk: false,
      seconds_since_parent: null,
      related_issues: [],
      related_commits: [],
      directories: [],
      merge_base: null,
      conflicted_files: [],
    },
  };
}

function diffsOf(
  repository: TestRepository,
  id: string,
  parent: string | undefined,
  flags: string[],
) {
  const range = parent === undefined ? ["--root", id] : [parent, id];
  const command = [
    "diff-tree",
    "-r",
    "-z",
    "-M",
    ...flags,
    "--no-commit-id",
    "--no-abbrev",
    ...range,
  ];
  const fields = repository.git(...command).split("\0");
  const diffs: Commit["diffs"] = [];
  for (let at = 0; fields[at]?.startsWith(":"); at += 1) {
    const [old_mode = "", new_mode = "", old_blob = "", new_blob = "", letter = ""] = (
      fields[at] ?? ""
    )
      .slice(1)
      .split(" ");
    const first = fields[++at] ?? "";
    const second = /^[RC]/.test(letter) ? fields[++at] : undefined;
    const isLinked = [old_mode, new_mode].includes("160000");
    const patch = isLinked ? "" : patchOf(repository, [old_blob, new_blob], letter === "T");
    const changed = changedLines(patch);
    diffs.push({
      filename: second ?? first,
      old_filename: second === undefined ? null : first,
      change_type: letter[0] as "A",
      similarity: letter.length > 1 ? Number(letter.slice(1)) : null,
      old_mode,
      new_mode,
      old_blob,
      new_blob,
      additions: changed.filter((entry) => entry.startsWith("+")).length,
      deletions: changed.filter((entry) => entry.startsWith("-")).length,
      patch,
      is_binary: patch.startsWith("Binary"),
      is_truncated: false,
    });
  }
  return diffs;
}

/** A patch without its header: that of the blobs, so that no path has to be told to git. */
function patchOf(repository: TestRepository, blobs: string[], isTypeChange: boolean): string {
  const [before = "", after = ""] = blobs.map((blob) =>
    /^0+$/.test(blob) ? repository.writeObject("blob", "") : blob,
  );
  if (isTypeChange) {
    const none = "0".repeat(before.length);
    return [
      patchOf(repository, [before, none], false),
      patchOf(repository, [none, after], false),
    ].join("");
  }
  const text = repository.git("diff", "--no-ext-diff", "--no-textconv", before, after);
  const at = text.search(/^(@@ |Binary files )/m);
  return at < 0 ? "" : `${text.slice(at)}\n`;
}

/**
 * Every line that a patch adds or removes, as `+<line number>:<text>` or `-…`.
 *
 * Written for the tests, to share nothing with the code under test.
 */
export function changedLines(patch: string): string[] {
  const result: string[] = [];
  let [oldLine, newLine, oldLeft, newLeft] = [0, 0, 0, 0];
  for (const line of patch.split("\n")) {
    if (oldLeft <= 0 && newLeft <= 0) {
      const match = /^@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@/.exec(line);
      if (!match) continue;
      const count = (text: string | undefined) => (text === undefined ? 1 : Number(text.slice(1)));
      oldLeft = count(match[2]);
      newLeft = count(match[4]);
      oldLine = Number(match[1]) + (oldLeft === 0 ? 1 : 0);
      newLine = Number(match[3]) + (newLeft === 0 ? 1 : 0);
      continue;
    }
    if (line.startsWith("\\")) continue;
    if (line.startsWith("-")) result.push(`-${oldLine}:${line.slice(1)}`);
    if (line.startsWith("+")) result.push(`+${newLine}:${line.slice(1)}`);
    if (!line.startsWith("+")) [oldLine, oldLeft] = [oldLine + 1, oldLeft - 1];
    if (!line.startsWith("-")) [newLine, newLeft] = [newLine + 1, newLeft - 1];
  }
  return result;
}
