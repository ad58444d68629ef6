// Prints the Rust commits whose units are labelled: `node draw.mjs <folder of mirrors>`.
// README.md says what the rule is; the order of all commits is that of salted hashes of their ids.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";

const SEED = "repotune corpus 1";
const REPOSITORIES = [
  "BurntSushi/ripgrep",
  "Ian-Reitsma/the-block",
  "rust-lang/cargo",
  "tokio-rs/axum",
];
const RANDOM_COMMITS = 8;
const STRATUM_COMMITS = 3;
/** Commits looked at, of each repository; for a top-up. */
const WINDOW = 700;
const TOP_UP_WINDOW = 5000;
const MAX_FILES = 6;
/** Added and removed: what a person reads with attention. */
const MAX_LINES = 160;
/** Of all files before and after, so that the corpus stays small. */
const MAX_BYTES = 80_000;

const line = (pattern) => (commit) => commit.patch.some((text) => pattern.test(text));
const subject = (pattern) => (commit) => pattern.test(commit.subject);
const both = (pattern) => {
  const [added, removed] = ["\\+", "-"].map((sign) => new RegExp(`^${sign}\\s*${pattern}`));
  return (commit) => {
    const names = (sign) => commit.patch.map((text) => sign.exec(text)?.[1]).filter(Boolean);
    const gone = new Set(names(removed));
    return names(added).some((name) => gone.has(name));
  };
};
/** What a commit must show to be drawn for a class; it need not hold a unit of it in the end. */
const STRATA = {
  new_struct: line(/^\+\s*(pub(\(\w+\))? )?struct \w/),
  new_enum: line(/^\+\s*(pub(\(\w+\))? )?enum \w/),
  new_trait: line(/^\+\s*(pub(\(\w+\))? )?trait \w/),
  new_impl: line(/^\+impl\b/),
  new_module: line(/^\+\s*(pub(\(\w+\))? )?mod \w/),
  new_constant: line(/^\+\s*(pub(\(\w+\))? )?(const|static) [A-Z]/),
  new_type: line(/^\+\s*(pub(\(\w+\))? )?type \w/),
  new_macro: line(/^\+\s*macro_rules!/),
  modified_struct: line(/^@@.*@@ (pub(\(\w+\))? )?struct \w/),
  modified_enum: line(/^@@.*@@ (pub(\(\w+\))? )?enum \w/),
  modified_trait: line(/^@@.*@@ (pub(\(\w+\))? )?trait \w/),
  modified_test: line(/^@@.*@@ (#\[test\]|fn test|mod tests)/),
  deletion: line(/^-\s*(pub(\(\w+\))? )?(fn|struct|enum|trait|impl|const) /),
  moved: both("(?:pub(?:\\(\\w+\\))? )?((?:fn|struct|enum|trait) \\w+)"),
  bug_fix: subject(/\b(fix|bug|panic|regression)/i),
  optimization: subject(/perf|optimi|speed|fast|alloc|clone|cache/i),
  refactoring: subject(/refactor|rename|move|clean|simplif|tidy|fmt/i),
  documentation: subject(/\bdocs?\b|comment|typo/i),
};

/** Drawn last, and only for units of the class itself; how many commits. */
const TOP_UP = {
  new_trait: [STRATA.new_trait, 10],
  new_enum: [STRATA.new_enum, 8],
  new_struct: [STRATA.new_struct, 5],
  new_module: [line(/^\+\s*(pub(\(\w+\))? )?mod (?!tests)\w/), 8],
  new_type: [STRATA.new_type, 6],
  new_macro: [STRATA.new_macro, 4],
  modified_struct: [STRATA.modified_struct, 8],
  modified_enum: [STRATA.modified_enum, 6],
  modified_trait: [STRATA.modified_trait, 8],
  modified_impl: [line(/^@@.*@@ impl\b/), 4],
  moved: [STRATA.moved, 8],
  optimization: [
    subject(
      /\b(perf|optimi[sz]|speed|faster|alloc(ation)?s?\b|performance|avoid .*(clone|alloc))/i,
    ),
    14,
  ],
};

/** What was still rare after that. */
const SECOND_TOP_UP = {
  new_trait: [STRATA.new_trait, 9],
  new_enum: [STRATA.new_enum, 8],
  new_module: [TOP_UP.new_module[0], 6],
  modified_struct: [line(/^@@.*@@ (pub(\(\w+\))? )?struct \w+.*[{]$/), 3],
  modified_enum: [line(/^@@.*@@ (pub(\(\w+\))? )?enum \w/), 8],
  modified_trait: [line(/^@@.*@@ (pub(\(\w+\))? )?trait \w/), 5],
  new_macro: [STRATA.new_macro, 4],
  new_type: [STRATA.new_type, 3],
};

/** What one more of was wanted. */
const THIRD_TOP_UP = { new_enum: [STRATA.new_enum, 3], new_module: [TOP_UP.new_module[0], 3] };

/** Eligible commits of a repository in the drawn order, with their subjects and patches. */
function readCommits(git, window) {
  const ids = git(["rev-list", "--no-merges", "HEAD", "--", "*.rs"])
    .trim()
    .split("\n")
    .map((id) => ({ id, key: createHash("sha256").update(`${SEED}:${id}`).digest("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, window)
    .map(({ id }) => id);
  const log = (commits, ...flags) =>
    git(["log", "--no-walk=unsorted", "--stdin", ...flags], commits.join("\n"));
  const blobsById = new Map(
    log(ids, "--raw", "--no-renames", "--no-abbrev", "--format=%x00%H")
      .split("\0")
      .slice(1)
      .map((text) => {
        const files = text.split("\n").filter((line) => line.startsWith(":"));
        return [text.slice(0, 40), files.map((line) => line.split(" ").slice(2, 4))];
      }),
  );
  const known = [...new Set([...blobsById.values()].flat(2))].filter((id) => !/^0+$/.test(id));
  const sizes = new Map(
    git(["cat-file", "--batch-check"], known.join("\n"))
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([id, , size]) => [id, size === undefined ? Number.POSITIVE_INFINITY : Number(size)]),
  );
  const small = ids.filter((id) => {
    const blobs = blobsById.get(id) ?? [];
    const bytes = blobs.flat().reduce((sum, blob) => sum + (sizes.get(blob) ?? 0), 0);
    return blobs.length <= MAX_FILES && bytes <= MAX_BYTES;
  });
  return log(small, "-M", "-p", "--format=%x00%x02%H%x01%s%x01")
    .split("\0\x02")
    .slice(1)
    .map((text) => {
      const [id, title, body] = text.split("\x01");
      const patch = body.split("\n").filter((line) => /^([-+](?!\+\+ |-- )|@@)/.test(line));
      return { id, subject: title, patch };
    })
    .filter(({ patch }) => patch.filter((line) => !line.startsWith("@")).length <= MAX_LINES);
}

const mirrors = process.argv[2] ?? ".";
const pools = REPOSITORIES.map((name) => {
  const folder = join(mirrors, name.replace("/", "+"), "repo");
  const options = { encoding: "utf8", maxBuffer: 1 << 30 };
  const git = (args, input) => execFileSync("git", ["-C", folder, ...args], { ...options, input });
  return { name, commits: readCommits(git, WINDOW), git, drawn: new Set() };
});
const draw = (pool, stratum, isSought, count) => {
  let left = count;
  for (const commit of pool.commits) {
    if (left === 0) return true;
    if (pool.drawn.has(commit.id) || !isSought(commit)) continue;
    pool.drawn.add(commit.id);
    left -= 1;
    console.log([pool.name, commit.id, stratum].join("\t"));
  }
  return left === 0;
};
for (const pool of pools) draw(pool, "random", () => true, RANDOM_COMMITS);
for (const [index, [stratum, isSought]] of Object.entries(STRATA).entries()) {
  for (let turn = 0; turn < STRATUM_COMMITS; turn += 1) {
    draw(pools[(index + turn) % pools.length], stratum, isSought, 1);
  }
}
for (const pool of pools) pool.commits = readCommits(pool.git, TOP_UP_WINDOW);
const topUp = (strata) => {
  for (const [index, [stratum, [isSought, count]]] of Object.entries(strata).entries()) {
    for (let turn = 0; turn < count; turn += 1) {
      const order = [...pools.slice((index + turn) % pools.length), ...pools];
      order.find((pool) => draw(pool, `${stratum} only`, isSought, 1));
    }
  }
};
topUp(TOP_UP);
topUp(SECOND_TOP_UP);
topUp(THIRD_TOP_UP);
