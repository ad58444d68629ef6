import { posix } from "node:path";
import { countCombined, sides, treeChanges } from "./changes.mjs";
import { compareMetadata, secondsOf } from "./headers.mjs";

/** Compares one record with what git said of the commit. */
export function compareCommit(history, commit, position, said) {
  const where = commit.metadata.hash;
  compareMetadata(history.tally, where, commit.metadata, said.formats, said.objects);
  const author = history.lineage.canonicalAuthor(commit);
  if (author !== undefined) {
    // Where there is no identity, git prints these two formats as they are.
    const [name, email] = ["%aN", "%aE"].map((key) => said.formats[key].replace(key, ""));
    const expected = `${name} <${email}>`;
    history.tally.compare("canonical_author", where, author, expected);
  }
  compareRefs(history, commit, position);
  compareContext(history, commit, position, said.formats);
  history.trees[position] = commit.metadata.tree_hash;
  if (said.changes?.[0]?.isCombined && said.patches) {
    said.changes = countCombined(said.changes, said.patches);
  }
  if (said.changes) compareChanges(history.tally, commit, said.changes);
  else compareByTrees(history, commit, position);
  if (said.patches) {
    comparePatches(history.tally, commit, said.patches);
    compareTree(history, commit, position);
  } else {
    history.tally.skip("patch", "that git cannot make");
    const isWhole = commit.diffs.length > 0 && !commit.diffs.some((diff) => diff.is_truncated);
    history.tally.compare("failures", where, history.failed.has(where), !isWhole);
  }
}

function compareRefs({ tally, refs, lineage, asked }, commit, position) {
  const where = commit.metadata.hash;
  const branches = lineage.branches(commit);
  tally.compare("branches", where, branches, refs.branches(position));
  tally.compare("tags", where, lineage.tags(commit), refs.tags(where));
  if (commit.context.has_tags !== undefined) {
    tally.compare("has_tags", where, commit.context.has_tags, refs.tags(where).length > 0);
  }
  if (!asked.has(position)) return;
  const names = branches.map(({ branch_name }) => branch_name);
  tally.compare("branches (for-each-ref --contains)", where, names, refs.containing(where));
}

/** The record's diffs in the form in which git's answer is held. */
const asChange = (diff) => ({
  path: exact(diff.filename, diff.filename_bytes).toString("latin1"),
  oldPath:
    diff.old_filename === null
      ? null
      : exact(diff.old_filename, diff.old_filename_bytes).toString("latin1"),
  letter: diff.change_type,
  similarity: diff.similarity,
  ...{ oldMode: diff.old_mode, newMode: diff.new_mode },
  ...{ oldBlob: diff.old_blob, newBlob: diff.new_blob },
  isBinary: diff.is_binary,
  ...{ additions: diff.additions, deletions: diff.deletions },
});

function compareChanges(tally, { metadata, diffs, context }, expected) {
  const where = metadata.hash;
  const sum = (key) => expected.reduce((total, file) => total + file[key], 0);
  const [insertions, deletions] = [sum("additions"), sum("deletions")];
  tally.compare("files_changed", where, metadata.files_changed, expected.length);
  tally.compare("file_count", where, context.file_count, expected.length);
  tally.compare("insertions", where, metadata.insertions, insertions);
  tally.compare("deletions", where, metadata.deletions, deletions);
  tally.compare("total_lines_changed", where, context.total_lines_changed, insertions + deletions);
  tally.compare("diffs", where, diffs.length, expected.length);
  for (const [index, file] of expected.entries()) {
    const found = diffs[index] && asChange(diffs[index]);
    for (const [key, value] of Object.entries(file)) {
      tally.compare(`diff ${key}`, `${where} ${file.path}`, found?.[key], value);
    }
  }
}

function comparePatches(tally, { metadata, diffs }, expected) {
  const kept = diffs.filter((diff) => !diff.is_truncated).map(patchOf);
  if (kept.length === diffs.length) {
    tally.compareBytes("patch", metadata.hash, Buffer.concat(kept), expected);
    return;
  }
  tally.skip("patch", "files left out, the others found in git's");
  let at = 0;
  for (const patch of kept) {
    const found = expected.indexOf(patch, at);
    if (found < 0) tally.compare("patch", metadata.hash, patch.toString("latin1"), null);
    else at = found + patch.length;
  }
}

/** `git apply` of the patches on the parent's tree gives the commit's. */
function compareTree({ tally, applier, isApplied, trees, positions, parents }, commit, position) {
  const { hash, tree_hash } = commit.metadata;
  if (!isApplied(position)) return;
  if (commit.diffs.some((diff) => diff.is_truncated)) {
    tally.skip("git apply", "with a patch left out");
    return;
  }
  const [parent] = parents[position];
  const parentTree = parent === undefined ? undefined : trees[positions.get(parent)];
  const patch = Buffer.concat(commit.diffs.map(patchOf));
  const { found, tree, refused } = applier.apply(parentTree, tree_hash, patch);
  if (refused === undefined) tally.compare("git apply", hash, found, tree);
  else tally.skip("git apply", `whose trees no index holds`);
}

/** Where git gives up over a missing object, trees still tell modes and blobs. */
function compareByTrees({ tally, git, failed, parents }, { metadata, diffs }, position) {
  const { hash } = metadata;
  tally.skip("diff additions", "commits where git lacks an object");
  if (diffs.length === 0 && failed.has(hash)) return; // A tree is missing.
  const found = sides(diffs.map(asChange));
  tally.compare("diffs by trees alone", hash, found, treeChanges(git, hash, parents[position]));
}

function compareContext({ tally, positions, dates, parents }, commit, position, said) {
  const { metadata, context, diffs } = commit;
  const where = metadata.hash;
  const compare = (field, expected) => tally.compare(field, where, context[field], expected);
  dates[position] = secondsOf(said["%ct"]) ?? Number.NaN;
  const [parent] = parents[position];
  const elapsed =
    parent === undefined ? Number.NaN : dates[position] - dates[positions.get(parent)];
  compare("seconds_since_parent", Number.isNaN(elapsed) ? null : elapsed);
  compare("is_merge", metadata.parents.length > 1);
  const named = diffs.flatMap((diff) => [diff.filename, diff.old_filename ?? diff.filename]);
  const directories = [...new Set(named.map((name) => posix.dirname(name)))].sort();
  compare("directories", directories);
  if (context.is_boundary !== undefined) {
    compare("is_boundary", metadata.parents.length > 0 && parents[position].length === 0);
  }
  const score =
    0.5 * part(context.total_lines_changed, 1000) +
    0.3 * part(diffs.length, 50) +
    0.2 * part(directories.length, 20);
  compare("complexity_score", Math.round(score * 1000) / 1000);
  compare("is_high_risk", context.complexity_score >= 0.7);
  for (const id of context.related_commits) {
    const isEarlier = (positions.get(id) ?? Number.POSITIVE_INFINITY) < position;
    const text = `${metadata.message}\n${metadata.message_body}`;
    tally.compare("related_commits", where, isEarlier && text.includes(id.slice(0, 7)), true);
  }
}

const part = (value, full) => Math.min(1, Math.log2(1 + value) / Math.log2(1 + full));
const exact = (text, base64) =>
  base64 === undefined ? Buffer.from(text) : Buffer.from(base64, "base64");
const patchOf = (diff) => exact(diff.patch, diff.patch_bytes);
