/** Compares labels with the chunks that a chunker gives. score.d.mts declares it for tests. */
import { unitsOfChunk } from "@repotune/schema";
import { readCorpus } from "./read-corpus.mjs";

const FIELDS = ["op", "name", "module_path", "kind", "change_type"];

/**
 * Finds for each label of the corpus in `folder` the chunk that has its line, and says which fields
 * agree.
 */
export async function compareWithLabels(chunkCommits, folder) {
  const comparisons = [];
  for (const { repository, labels, commits, objects } of readCorpus(folder)) {
    const chunks = new Map();
    // One by one: what a chunker learns from one excerpt of a history is no use in the next.
    for (const commit of commits) {
      const found = [];
      for await (const chunk of chunkCommits(only(commit), {}, { objects })) found.push(chunk);
      chunks.set(commit.metadata.hash, found);
    }
    for (const label of labels) {
      const chunk = unitAt(chunks.get(label.commit) ?? [], label);
      comparisons.push({ repository, label, chunk, isRight: agreement(label, chunk) });
    }
  }
  return comparisons;
}

async function* only(commit) {
  yield commit;
}

/** The chunk that has a label's line, as that of the unit alone, if it holds several. */
function unitAt(chunks, label) {
  const chunk = chunks.find((candidate) => holds(candidate, label));
  const { line, side } = label;
  const isAround = ({ line_range: { [side]: range } }) =>
    range !== null && range[0] <= line && line <= range[1];
  return chunk?.members ? unitsOfChunk(chunk).find(isAround) : chunk;
}

/** Whether the chunk's own lines of the diff include the label's. */
function holds({ file_path, old_file_path, patch }, { file, line, side }) {
  if (file !== file_path && (side === "new" || file !== old_file_path)) return false;
  return changedLines(patch, side).has(line);
}

function changedLines(patch, side) {
  const [own, other] = side === "new" ? ["+", "-"] : ["-", "+"];
  const lines = new Set();
  let at = 0;
  for (const text of patch.split("\n")) {
    const header = /^@@ -(\d+)(,0)?.* \+(\d+)(,0)?/.exec(text);
    if (header) {
      const [first, isEmpty] = side === "new" ? header.slice(3, 5) : header.slice(1, 3);
      at = Number(first) + (isEmpty ? 1 : 0);
      continue;
    }
    if (text.startsWith(own)) lines.add(at);
    if (!text.startsWith(other) && !text.startsWith("\\")) at += 1;
  }
  return lines;
}

/**
 * Fields in which a chunk says what the label says. `name` is the name within the module, so that a
 * wrong module counts once; `exact` is the change type without what the label accepts besides.
 */
function agreement(label, chunk) {
  if (!chunk) return Object.fromEntries([...FIELDS, "exact"].map((field) => [field, false]));
  const exact = chunk.change_type === label.change_type;
  return {
    op: chunk.op === label.op,
    name: isNamed(chunk, label) && (!label.section || chunk.section === label.section),
    module_path: chunk.module_path === label.module_path,
    kind: chunk.kind === label.kind,
    change_type: exact || (label.also ?? []).includes(chunk.change_type),
    exact,
  };
}

function isNamed({ qualified_name, module_path }, label) {
  if (qualified_name === null || label.name === null) return qualified_name === label.name;
  const modules = `${module_path}::`;
  if (label.module_path) {
    const [said, right] = [modules, `${label.module_path}::`];
    return (
      qualified_name.startsWith(said) &&
      qualified_name.slice(said.length) === label.name.slice(right.length)
    );
  }
  // Where modules were not labelled, the name begins where a module ends.
  if (qualified_name === label.name) return true;
  const rest = qualified_name.slice(0, -label.name.length);
  return qualified_name.endsWith(`::${label.name}`) && modules.startsWith(rest);
}

/** Shares of what is right, F1 of each class, confusions and false renames. */
export function summarize(comparisons) {
  const share = (field) => {
    const asked = comparisons.filter(({ label }) => field !== "module_path" || field in label);
    return asked.filter(({ isRight }) => isRight[field]).length / asked.length;
  };
  const pairs = comparisons.map(({ label, chunk, isRight }) => {
    const said = chunk?.change_type ?? "none";
    return { label: isRight.change_type ? said : label.change_type, said };
  });
  const confusion = new Map();
  for (const pair of pairs) {
    const row = confusion.get(pair.label) ?? new Map();
    row.set(pair.said, (row.get(pair.said) ?? 0) + 1);
    confusion.set(pair.label, row);
  }
  const matched = comparisons.filter(
    ({ chunk }) => chunk && (isRename(chunk) || chunk.op === "modified"),
  );
  const isFalseRename = ({ label, chunk }) => isRename(chunk) && !isRename(label);
  return {
    labels: comparisons.length,
    accuracy: Object.fromEntries([...FIELDS, "exact"].map((field) => [field, share(field)])),
    classes: [...confusion.keys()].sort().map((type) => classOf(type, pairs)),
    confusion,
    falseRenames: matched.filter(isFalseRename).length / Math.max(1, matched.length),
  };
}

const isRename = ({ op }) => op === "moved" || op === "renamed";

function classOf(type, pairs) {
  const count = pairs.filter(({ label }) => label === type).length;
  const said = pairs.filter((pair) => pair.said === type).length;
  const both = pairs.filter((pair) => pair.label === type && pair.said === type).length;
  return { type, count, f1: (2 * both) / (count + said) };
}
