/**
 * Writes `<folder>/commits.jsonl.br`: of each labelled commit, what a chunker reads, so that labels
 * can be compared without a clone. labelling-notes.md describes a line. Files that hardly differ from
 * commit to commit take a twentieth of their space in Brotli's large window.
 *
 * Usage: node store-languages.mjs <bare clone> <labels, such as flask.jsonl> <folder>
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

/** Files above a changed one that say which package or module it lies in. */
const NEARBY = new Set(["Cargo.toml", "go.mod", "package.json", "__init__.py"]);

/** How a history's patches are made, too. */
const DIFF = [
  ...["diff-tree", "-r", "--root", "--no-commit-id", "-p", "--raw", "-z", "-M50%", "-l1000", "-U3"],
  ...["--inter-hunk-context=0", "--diff-algorithm=myers", "--indent-heuristic", "--full-index"],
  ...["--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv"],
];

const [clone, labels, folder] = process.argv.slice(2);
if (!clone || !labels || !folder) {
  console.error("Usage: node store-languages.mjs <bare clone> <labels> <folder>");
  process.exit(2);
}

const git = (...args) =>
  execFileSync("git", ["-C", clone, ...args], { encoding: "utf8", maxBuffer: 1 << 28 });

const textOf = (blob) => (/^0+$/.test(blob) ? null : git("cat-file", "blob", blob));

/** The files of a commit, in git's order. */
function filesOf(id) {
  const output = git(...DIFF, id);
  const end = output.indexOf("\0\0");
  const fields = output.slice(0, end).split("\0");
  const patches = output.slice(end + 2).split(/^(?=diff --git )/m);
  const files = [];
  while (fields.length > 0) {
    const [, , oldBlob, newBlob, status] = fields.shift().slice(1).split(" ");
    const first = fields.shift();
    const isRename = /^[RC]/.test(status);
    const patch = patches[files.length];
    const start = patch.search(/^@@ /m);
    files.push({
      filename: isRename ? fields.shift() : first,
      old_filename: isRename ? first : null,
      change_type: status[0],
      patch: start < 0 ? "" : patch.slice(start),
      old: textOf(oldBlob),
      new: textOf(newBlob),
    });
  }
  return files;
}

/** What stands in the folders above the files of a commit. */
function nearbyOf(id, files) {
  const folders = new Set();
  for (const { filename } of files) {
    let path = posix.dirname(filename);
    for (; path !== "."; path = posix.dirname(path)) folders.add(path);
    folders.add(path);
  }
  return git("ls-tree", "-r", "-z", "--name-only", id)
    .split("\0")
    .filter((path) => NEARBY.has(posix.basename(path)) && folders.has(posix.dirname(path)))
    .map((path) => ({
      filename: path,
      text: path.endsWith(".py") ? null : git("cat-file", "blob", `${id}:${path}`),
    }));
}

const ids = readFileSync(labels, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line).commit);
const lines = [...new Set(ids)].map((id) => {
  const format = "--format=%H%x00%P%x00%aI%x00%s%x00%b%x00";
  const [hash, parents, author_date, subject, body] = git("show", "-s", format, id).split("\0");
  const files = filesOf(id);
  const commit = { hash, parents: parents.split(" ").filter(Boolean), author_date, subject, body };
  return `${JSON.stringify({ commit, files, nearby: nearbyOf(id, files) })}\n`;
});
mkdirSync(folder, { recursive: true });
const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
writeFileSync(join(folder, "commits.jsonl.br"), brotliCompressSync(lines.join(""), { params }));
