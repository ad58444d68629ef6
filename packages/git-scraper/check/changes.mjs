/** The flags of patches, as documented for the records: first parent, renames from 50 %. */
const SHAPE = ["--root", "--always", "-r", "-M50%", "-l1000", "--no-ext-diff", "--no-textconv"];
const PATCH = [
  ...["-p", "-U3", "--inter-hunk-context=0", "--diff-algorithm=myers", "--indent-heuristic"],
  ...["--full-index", "--no-color", "--no-relative", "--submodule=short"],
  ...["--ignore-submodules=none", "--src-prefix=a/", "--dst-prefix=b/"],
];

/** Asks for each commit against its first parent. */
const requestsOf = (ids, parents) =>
  ids.map((id, index) => (parents[index].length > 1 ? `${id} ${parents[index][0]}` : id));

/** What git says of every commit's files, without patches; undefined where it cannot read them. */
export async function* changes(git, ids, parents, extra) {
  const args = [...SHAPE, ...extra, "--raw", "--numstat", "-z", "--no-abbrev"];
  for await (const answer of git.diffTree(args, requestsOf(ids, parents))) {
    yield answer && parseChanges(answer);
  }
}

/** The patches of every commit in one; undefined where git cannot read them. */
export async function* patches(git, ids, parents, extra) {
  const requests = requestsOf(ids, parents);
  for await (const answer of git.diffTree([...SHAPE, ...extra, ...PATCH], requests)) {
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

/** Takes `--raw --numstat -z` apart. Paths are latin1, which keeps every byte. */
function parseChanges(answer) {
  const tokens = answer.toString("latin1").split("\0");
  const files = [];
  let counted = 0;
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at++];
    if (token.startsWith(":")) {
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
