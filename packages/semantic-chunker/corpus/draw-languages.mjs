/**
 * Draws the commits that flask.jsonl, huggingface.js.jsonl and cobra.jsonl label (draw.mjs does it for
 * Rust).
 *
 * Rule: of the commits without merges that the pinned head reaches, those are eligible that change 1
 * to 6 source files and at most 10 files in all, with at most 400 changed lines and 120,000 bytes on
 * both sides together. They are ordered by SHA-256 of `<SEED>/<draw>/<commit id>`. Each draw takes
 * the first so many that fit it and that no draw before took. Draw `any` fits every commit; the
 * others fit those whose message or patch holds what they look for, roughly: what the units of a
 * drawn commit really are, whoever labels them decides by reading.
 *
 * Usage: node draw-languages.mjs <bare clone> <owner/name>
 * Prints `<draw> <commit id> <files> <changed lines> <subject>`.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";

const SEED = "semantic-chunker corpus 1";

const REPOSITORIES = {
  "pallets/flask": { head: "2ac89889f4cc330eabd50f295dcef02828522c69", source: /\.py$/ },
  "huggingface/huggingface.js": {
    head: "fe42e68017ffc76d09922ea8f9b38a6964345710",
    source: /\.(ts|tsx|mts|js|mjs)$/,
  },
  "spf13/cobra": { head: "adbc8813901bba65827259daa8e22ff94ec1f30e", source: /\.go$/ },
};

const COMMENT = /^\s*(#|\/\/|\/\*|\*|$)/;
const NEW_TYPE = /^(class \w|(export )?(abstract )?(class|enum) \w|type \w+ struct\b)/;
const NEW_TRAIT =
  /^((export )?(interface|type) \w|type \w+ (interface\b|func\b|\w+$)|class \w+\(.*Protocol)/;
const NEW_ENUM = /^(export )?(const )?enum \w|^class \w+\(.*Enum|\biota\b/;
const TEST = /^\s*(def test_|func Test|(it|test|describe)\()/;
const DEFINITION = /^\s*(async )?(def |func |(export )?(async )?function |class )/;

/** What each draw looks for, and how many commits it takes. */
const DRAWS = [
  ["any", 9, () => true],
  ["fix", 4, ({ message }) => /\b(fix(e[sd])?|bug|regression)\b/i.test(message)],
  ["speed", 4, ({ message }) => /\b(perf|performance|speed|faster|optimi[sz]\w*)\b/i.test(message)],
  [
    "refactor",
    5,
    ({ message }) =>
      /\b(refactor\w*|renam\w*|mov(e[sd]?|ing)|clean ?up|simplif\w*)\b/i.test(message),
  ],
  ["test", 3, ({ added }) => added.some((line) => TEST.test(line))],
  ["comment", 4, ({ source }) => source.length > 0 && source.every((line) => COMMENT.test(line))],
  ["documents", 2, ({ files }) => files.some((path) => /\.(md|rst)$/.test(path))],
  [
    "configuration",
    3,
    ({ files }) =>
      files.some((path) => /\.(toml|ya?ml|cfg|ini)$|(package|tsconfig)\.json$/.test(path)),
  ],
  [
    "imports",
    3,
    ({ source }) =>
      source.filter((line) => /^\s*(import\b|from \S+ import\b|"[\w./-]+"$)/.test(line)).length >=
      2,
  ],
  ["deletion", 3, ({ removed }) => removed.filter((line) => DEFINITION.test(line)).length >= 2],
  ["struct", 4, ({ added }) => added.some((line) => NEW_TYPE.test(line))],
  ["trait", 3, ({ added }) => added.some((line) => NEW_TRAIT.test(line))],
  ["enum", 4, ({ added }) => added.some((line) => NEW_ENUM.test(line))],
];

const [clone, name] = process.argv.slice(2);
const repository = REPOSITORIES[name];
if (!clone || !repository) {
  console.error("Usage: node draw-languages.mjs <bare clone> <owner/name>");
  process.exit(2);
}

const git = (...args) =>
  execFileSync("git", ["-C", clone, ...args], { encoding: "latin1", maxBuffer: 1 << 30 });

/** The eligible commits, read from one log. */
function* eligibleCommits() {
  const log = git(
    ...["log", "--no-merges", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "-p", "-U0"],
    ...["--format=%x01%H%x02%B%x02", repository.head],
  );
  for (const record of log.split("\x01").slice(1)) {
    const [id, message, diff] = record.split("\x02");
    if (diff === undefined) continue;
    const commit = { id, message, files: [], added: [], removed: [], source: [] };
    let isSource = false;
    for (const line of diff.split("\n")) {
      const path = /^diff --git a\/.* b\/(.*)$/.exec(line)?.[1];
      if (path !== undefined) {
        commit.files.push(path);
        isSource = repository.source.test(path);
      } else if (/^[+-](?!\+\+ |-- )/.test(line)) {
        const text = line.slice(1);
        commit[line[0] === "+" ? "added" : "removed"].push(text);
        if (isSource) commit.source.push(text);
      }
    }
    const sources = commit.files.filter((path) => repository.source.test(path)).length;
    const lines = commit.added.length + commit.removed.length;
    if (sources < 1 || sources > 6 || commit.files.length > 10) continue;
    if (lines > 0 && lines <= 400) yield commit;
  }
}

/** Bytes of the changed files before and after. */
function bytesOf(id) {
  const ids = git("diff-tree", "-r", "-M", "--root", "--no-commit-id", "--no-abbrev", id)
    .split("\n")
    .flatMap((line) => line.split(" ").slice(2, 4))
    .filter((blob) => !/^0*$/.test(blob));
  const sizes = execFileSync("git", ["-C", clone, "cat-file", "--batch-check=%(objectsize)"], {
    input: ids.map((blob) => `${blob}\n`).join(""),
    encoding: "utf8",
  });
  return sizes.split("\n").reduce((sum, size) => sum + (Number(size) || 0), 0);
}

const commits = [...eligibleCommits()];
const taken = new Set();
for (const [draw, count, fits] of DRAWS) {
  const order = (id) => createHash("sha256").update(`${SEED}/${draw}/${id}`).digest("hex");
  const candidates = commits
    .filter((commit) => !taken.has(commit.id) && fits(commit))
    .map((commit) => ({ ...commit, order: order(commit.id) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  let left = count;
  for (const { id, message, files, added, removed } of candidates) {
    if (left === 0) break;
    if (bytesOf(id) > 120_000) continue;
    taken.add(id);
    left -= 1;
    const subject = message.split("\n")[0];
    console.log(draw, id, files.length, added.length + removed.length, subject);
  }
}
