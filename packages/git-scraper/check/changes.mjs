/** The flags of patches, as documented for the records: first parent, renames from 50 %. */
const SHAPE = ["--root", "--always", "-r", "-M50%", "-l1000", "--no-ext-diff", "--no-textconv"];
const PATCH = [
  ...["-p", "-U3", "--inter-hunk-context=0", "--diff-algorithm=myers", "--indent-heuristic"],
  ...["--full-index", "--no-color", "--no-relative", "--submodule=short"],
  ...["--ignore-submodules=none", "--src-prefix=a/", "--dst-prefix=b/"],
];

/** Asks for each commit against its first parent; a merge without it as `-c` says, or for nothing. */
const requestsOf = (ids, parents, merges) =>
  merges === "first-parent"
    ? ids.map((id, index) => (parents[index].length > 1 ? `${id} ${parents[index][0]}` : id))
    : ids;

const flagsOf = ({ merges, flags }) =>
  merges === "combined" ? [...SHAPE, ...flags, "-c", "--combined-all-paths"] : [...SHAPE, ...flags];

/** What git says of every commit's files, without patches; undefined where it cannot read them. */
export async function* changes(git, ids, parents, shape) {
  const args = [...flagsOf(shape), "--raw", "--numstat", "-z", "--no-abbrev"];
  let position = 0;
  for await (const answer of git.diffTree(args, requestsOf(ids, parents, shape.merges))) {
    const isCombined = shape.merges === "combined" && parents[position++].length > 1;
    yield answer && parseChanges(answer, isCombined);
  }
}

/** The patches of every commit in one; undefined where git cannot read them. */
export async function* patches(git, ids, parents, shape) {
  const requests = requestsOf(ids, parents, shape.merges);
  for await (const answer of git.diffTree([...flagsOf(shape), ...PATCH], requests)) {
    // The first line is the commit's id.
    yield answer?.subarray(answer.indexOf(10) + 1);
  }
}

/** Modes and blobs of a commit that trees alone tell: `<mode> <blob> <path>` of either side. */
export function treeChanges(git, id, parents) {
  const args = ["diff-tree", "--root", "-r", "-z", "--no-abbrev", "--no-commit-id", "--no-renames"];
  const trees = parents.length > 0 ? [parents[0], id] : [id];
  return sides(parseChanges(git.bytes([...args, "--raw", ...trees])));
}

/** Both sides of changes, apart from what was taken for a rename or copy, in order. */
export function sides(files) {
  const found = new Set();
  for (const file of files) {
    const oldPath = file.oldPath ?? file.path;
    if (file.oldMode !== "000000" && file.letter !== "C") {
      found.add(`old ${file.oldMode} ${file.oldBlob} ${oldPath}`);
    }
    if (file.newMode !== "000000") found.add(`new ${file.newMode} ${file.newBlob} ${file.path}`);
  }
  return [...found].sort();
}

/**
 * Takes `--raw --numstat -z` apart. Paths are latin1, which keeps every byte.
 *
 * @param isCombined whether it is of a combined diff, whose numbers git gives for the first parent.
 */
function parseChanges(answer, isCombined = false) {
  const tokens = answer.toString("latin1").split("\0");
  const files = [];
  let counted = 0;
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at++];
    if (token.startsWith("::")) {
      const parents = /^:+/.exec(token)[0].length;
      files.push(
        combinedChange(token.slice(parents).split(" "), tokens.slice(at, at + parents + 1)),
      );
      at += parents + 1;
    } else if (token.startsWith(":")) {
      const [oldMode, newMode, oldBlob, newBlob, letter] = token.slice(1).split(" ");
      const oldPath = /^[RC]/.test(letter) ? tokens[at++] : null;
      const similarity = letter.length > 1 ? Number(letter.slice(1)) : null;
      const path = tokens[at++];
      files.push({
        ...{ path, oldPath, letter: letter[0], similarity },
        ...{ oldMode, newMode, oldBlob, newBlob },
      });
    } else if (token.includes("\t")) {
      const [additions, deletions] = token.split("\t", 2);
      // A rename's names follow by themselves.
      if (token === `${additions}\t${deletions}\t`) at += 2;
      if (isCombined) continue;
      const isBinary = additions === "-";
      Object.assign(files[counted++], {
        isBinary,
        additions: isBinary ? 0 : Number(additions),
        deletions: isBinary ? 0 : Number(deletions),
      });
    }
  }
  return files;
}

/** Against the first parent, as the records have it; lines are counted in the patch. */
function combinedChange(head, paths) {
  const parents = paths.length - 1;
  const letter = head.at(-1)[0];
  return {
    ...{ path: paths.at(-1), oldPath: /[RC]/.test(letter) ? paths[0] : null },
    ...{ letter, similarity: null, isCombined: true },
    ...{ oldMode: head[0], newMode: head[parents] },
    ...{ oldBlob: head[parents + 1], newBlob: head[2 * parents + 1] },
    ...{ additions: 0, deletions: 0, isBinary: false },
  };
}

/** Counts the lines of a combined patch: a line of the result that a parent lacks, one that is gone. */
export function countCombined(files, patch) {
  const text = patch.toString("latin1");
  const counts = new Map();
  let count;
  for (const section of text.split(/^(?=diff --combined )/m)) {
    const lines = section.split("\n");
    count = { additions: 0, deletions: 0, isBinary: false };
    counts.set(unquoted(lines[0].slice("diff --combined ".length)), count);
    let width = 0;
    for (const line of lines.slice(1)) {
      const columns = line.slice(0, width);
      if (/^@@@+ -/.test(line)) width = /^@+/.exec(line)[0].length - 1;
      else if (width === 0 && line.startsWith("Binary files ")) count.isBinary = true;
      else if (columns.includes("-")) count.deletions += 1;
      else if (columns.includes("+")) count.additions += 1;
    }
  }
  return files.map(({ isCombined: _, ...file }) => ({ ...file, ...counts.get(file.path) }));
}

const unquoted = (name) =>
  /^"/.test(name)
    ? name
        .slice(1, -1)
        .replace(/\\([0-7]{3}|.)/g, (_, code) =>
          code.length === 3
            ? String.fromCharCode(Number.parseInt(code, 8))
            : ({ a: "\x07", b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r" }[code] ?? code),
        )
    : name;
