// Compares a scrape with other ways to read a whole history, in one run:
//
//     npm run build && node bench/peers.mjs REPOSITORY [ROUNDS] [PEER,PEER,…]
//
// The yardstick is one `git log -p` to /dev/null, which works out the same diffs and writes nothing.
// The peers are the programs in peers/; each says what it leaves out against a scrape, which also
// writes all of it to a file. A peer that is not installed is named and left out: PYTHON names the
// Python that has some of them (Debian: python3-git, python3-pygit2), and PYTHONPATH is heeded.
// All read a bare clone, for PyDriller writes into the configuration of what it reads.
import { execFileSync, spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { better, measure } from "./measure.mjs";

const [repository = ".", rounds = "1", only = ""] = process.argv.slice(2);
const python = process.env.PYTHON ?? "python3";

/** By name: what says the version, and a shell command that reads the repository $1. */
const peers = {
  "git log": [
    "git --version",
    'git --no-replace-objects -C "$1" log --all --date-order --reverse --raw -p -M --diff-merges=first-parent > /dev/null',
  ],
  "git-scraper": ["node --version", 'node "$2" --quiet --repo "$1" --output "$3"'],
  pygit2: program(python, new URL("./peers/pygit2-peer.py", import.meta.url)),
  GitPython: program(python, new URL("./peers/gitpython-peer.py", import.meta.url)),
  "GitPython with stats": program(
    python,
    new URL("./peers/gitpython-peer.py", import.meta.url),
    "--stats",
  ),
  PyDriller: program(python, new URL("./peers/pydriller-peer.py", import.meta.url)),
  "simple-git": program("node", new URL("./peers/simple-git-peer.mjs", import.meta.url)),
};

function program(runtime, url, option = "") {
  const start = `"${runtime}" "${fileURLToPath(url)}"`;
  return [`${start} --version ${option}`, `${start} "$1" ${option}`];
}

const bin = fileURLToPath(new URL("../bin.js", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "repotune-peers-"));
process.once("exit", () => rmSync(work, { recursive: true, force: true }));
const clone = join(work, "repository.git");
const output = join(work, "commits.jsonl");
execFileSync("git", ["clone", "--quiet", "--mirror", "--", repository, clone]);

const results = new Map();
for (const name of only === "" ? Object.keys(peers) : only.split(",")) {
  const [version, command] = peers[name];
  const { status, stdout } = spawnSync("sh", ["-c", version], { encoding: "utf8" });
  if (status === 0) results.set(name, { version: stdout.trim(), command });
  else console.log(`${name} is not installed: left out.`);
}
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [name, result] of results) {
    try {
      result.cost = better(result.cost, await measure(result.command, [clone, bin, output]));
    } catch (error) {
      console.log(`${name} is left out: ${error.message}`);
      results.delete(name);
    }
  }
}

/** Commits, files and changed lines in what a scrape wrote: what the peers count as they read. */
async function contentsOf(file) {
  const contents = { commits: 0, files: 0, lines: 0 };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { diffs } = JSON.parse(line);
    contents.commits += 1;
    contents.files += diffs.length;
    for (const { additions, deletions } of diffs) contents.lines += additions + deletions;
  }
  return contents;
}

/** What a peer says that it read. The yardstick says nothing. */
function readBy(name, { stdout }) {
  if (name === "git log") return {};
  return name === "git-scraper" ? contentsOf(output) : JSON.parse(stdout);
}

const [git, ours] = ["git log", "git-scraper"].map((name) => results.get(name)?.cost);
const ratio = (value, of) => (of === undefined ? "" : `${(value / of).toFixed(1)}×`);
console.log(
  `\n${repository}, ${cpus().length} processors, rounds: ${rounds}; the best times, the highest memory.\n`,
);
console.log(
  "| | CPU, all processes | to git log | to git-scraper | wall | to git log | peak memory | commits | files | changed lines |",
);
console.log(`|---|${"---:|".repeat(9)}`);
for (const [name, { version, cost }] of results) {
  const read = await readBy(name, cost);
  const cells = [
    name === "git-scraper" ? `git-scraper, node ${version}` : version,
    `${cost.cpu.toFixed(1)} s`,
    ratio(cost.cpu, git?.cpu),
    ratio(cost.cpu, ours?.cpu),
    `${cost.wall.toFixed(1)} s`,
    ratio(cost.wall, git?.wall),
    cost.memory === null ? "" : `${(cost.memory / 1e6).toFixed(0)} MB`,
    ...["commits", "files", "lines"].map((key) => read[key]?.toLocaleString("en") ?? ""),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
