/** The flags of patches, as documented for `commits.jsonl`: first parent, renames from 50 %. */
const FLAGS = [
  ...["--root", "--always", "-r", "--raw", "--no-abbrev", "-l1000"],
  ...["--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--no-relative"],
];
const PATCH = [
  ...["-M50%", "-p", "-U3", "--inter-hunk-context=0", "--diff-algorithm=myers"],
  ...["--indent-heuristic", "--full-index", "--no-color", "--submodule=short"],
];

/** What each commit changes in the files of its first parent, in the order of the history. */
export async function* changesOf(git, history) {
  const requests = history.map(({ id, parents }) =>
    parents.length > 1 ? `${id} ${parents[0]}` : id,
  );
  const ids = new Set();
  for await (const answer of git.diffTree([...FLAGS, "--no-renames"], requests)) {
    for (const change of rawChanges(answer)) {
      for (const side of ["old", "new"]) {
        if (change[side].mode.startsWith("1") && change[side].mode !== "160000") {
          ids.add(change[side].blob);
        }
      }
    }
  }
  const missing = git.standInFor(ids);
  for await (const answer of git.diffTree([...FLAGS, ...PATCH], requests)) {
    const changes = rawChanges(answer);
    readPatches(
      answer,
      changes.filter((change) => !isHidden(change, missing)),
    );
    yield changes;
  }
}

/** Whether git sees no difference, because both blobs are missing. */
const isHidden = ({ old, new: fresh }, missing) =>
  missing.has(old.blob) &&
  missing.has(fresh.blob) &&
  old.mode === fresh.mode &&
  old.path === fresh.path;

/** Text in UTF-8 of bytes that are kept as latin1; U+FFFD for what is not UTF-8. */
export const decoded = (text) =>
  /[\x80-\xff]/.test(text) ? Buffer.from(text, "latin1").toString("utf8") : text;

function rawChanges(answer) {
  const changes = [];
  for (const line of answer.split("\n")) {
    if (line.startsWith("diff ")) break;
    const [, oldMode, newMode, oldBlob, newBlob, letter, paths] =
      /^:(\d+) (\d+) (\w+) (\w+) ([A-Z])\d*\t(.*)$/s.exec(line) ?? [];
    if (paths === undefined) continue;
    const names = paths.split("\t").map((name) => decoded(unquoted(name)));
    changes.push({
      letter,
      old: { path: names[0], mode: oldMode, blob: oldBlob },
      new: { path: names.at(-1), mode: newMode, blob: newBlob },
      // By line number: what is removed, added, and shown unchanged (by its new line).
      removed: new Map(),
      added: new Map(),
      context: new Map(),
      isBinary: false,
    });
  }
  return changes;
}

/** Reads the sections of patches: one for each change, two for a change of type. */
function readPatches(answer, changes) {
  const lines = answer.split("\n");
  let next = 0;
  let sections = 0;
  let change;
  let hunk;
  for (const line of lines) {
    if (hunk && (hunk.oldLeft > 0 || hunk.newLeft > 0)) {
      readRow(change, hunk, line);
    } else if (line.startsWith("diff --git ")) {
      if (sections > 0) sections -= 1;
      else {
        change = changes[next++];
        // A change of type removes one thing and adds another.
        sections = change.letter === "T" ? 1 : 0;
      }
      hunk = undefined;
    } else if (line.startsWith("Binary files ")) change.isBinary = true;
    else if (line.startsWith("@@ ")) hunk = hunkOf(line);
  }
  if (next !== changes.length && lines.some((line) => line.startsWith("diff --git "))) {
    throw new Error(`git shows ${next} patches for ${changes.length} changes.`);
  }
}

/** The numbers of a hunk's header. A side without lines is numbered by the line before it. */
export function hunkOf(header) {
  const numbers = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(header);
  if (!numbers) return undefined;
  const [oldStart, oldLeft, newStart, newLeft] = numbers.slice(1).map((n) => Number(n ?? 1));
  return {
    ...{ oldLeft, newLeft },
    old: oldStart + (oldLeft === 0 ? 1 : 0),
    new: newStart + (newLeft === 0 ? 1 : 0),
  };
}

function readRow(change, hunk, line) {
  const sign = line[0];
  if (sign === "\\") return; // It says that no line feed follows the line before.
  const text = decoded(line.slice(1));
  if (sign === "-") change.removed.set(hunk.old, text);
  else if (sign === "+") change.added.set(hunk.new, text);
  else change.context.set(hunk.new, { old: hunk.old, text });
  if (sign !== "+") [hunk.old, hunk.oldLeft] = [hunk.old + 1, hunk.oldLeft - 1];
  if (sign !== "-") [hunk.new, hunk.newLeft] = [hunk.new + 1, hunk.newLeft - 1];
}

const ESCAPES = { a: "\x07", b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r" };

/** A path as git quotes it, in latin1. */
const unquoted = (name) =>
  name.startsWith('"')
    ? name
        .slice(1, -1)
        .replace(/\\([0-7]{3}|.)/g, (_, code) =>
          code.length === 3
            ? String.fromCharCode(Number.parseInt(code, 8))
            : (ESCAPES[code] ?? code),
        )
    : name;
