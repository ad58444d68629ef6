// simple-git over every commit, as its documentation suggests: `log()` for the list, and a `diff()`
// for each commit against its first parent, one process a time.
//
//     node simple-git-peer.mjs --version | REPOSITORY
//
// Lines are counted in the patch; `diffSummary()` would run a second process for each commit. Left
// out against a scrape: branches, tags, and writing anything.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The package beside this one depends on it; this one does not.
const neighbour = new URL("../../../git/package.json", import.meta.url);
const { simpleGit } = createRequire(neighbour)("simple-git");

const [repository] = process.argv.slice(2);
if (repository === "--version") {
  console.log(`simple-git ${JSON.parse(readFileSync(neighbour)).dependencies["simple-git"]}`);
  process.exit();
}

const format = {
  hash: "%H",
  tree: "%T",
  parents: "%P",
  message: "%B",
  author: "%an",
  authorEmail: "%ae",
  authorDate: "%aI",
  committer: "%cn",
  committerEmail: "%ce",
  committerDate: "%cI",
};
const git = simpleGit(repository);
const { all } = await git.log({ format, "--all": null, "--date-order": null, "--reverse": null });
const emptyTree = (await git.raw("hash-object", "-t", "tree", "/dev/null")).trim();

let files = 0;
let lines = 0;
for (const { hash, parents } of all) {
  const patch = await git.diff([parents.split(" ")[0] || emptyTree, hash, "-M"]);
  for (const line of patch.split("\n")) {
    if (line.startsWith("diff --git ")) files += 1;
    else if (/^(\+(?!\+\+ )|-(?!-- ))/.test(line)) lines += 1;
  }
}
console.log(JSON.stringify({ commits: all.length, files, lines }));
