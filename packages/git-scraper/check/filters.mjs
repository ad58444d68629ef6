/**
 * Compares which commits and files filters leave with what plain git says under the same conditions.
 *
 *     node check/filters.mjs REPOSITORY [NAME…]
 *
 * Every case is a scrape by the command; names choose some of them. Needs git 2.37, whose
 * `--since-as-filter` does not stop at the first commit that is too old.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { PlainGit, split } from "./plain-git.mjs";

const BIN = join(import.meta.dirname, "..", "bin.js");

/** Options of a scrape; the arguments of rev-list that mean the same; pathspecs, if there are any. */
const CASES = {
  mainline: { scrape: ["--refs=mainline"], revList: ["--first-parent", "HEAD"] },
  head: { scrape: ["--refs=head"], revList: ["HEAD"] },
  heads: { scrape: ["--refs=heads"], revList: ["--branches", "HEAD"] },
  tags: { scrape: ["--refs=refs/tags/*"], revList: ["--glob=refs/tags/*"] },
  excluded: {
    scrape: ["--refs=!refs/pull/*"],
    revList: ["--exclude=refs/pull/*", "--all"],
  },
  dates: {
    scrape: ["--since=2018-01-01", "--until=2021-06-30"],
    revList: ["--since-as-filter=2018-01-01T00:00:00Z", "--until=2021-06-30T23:59:59Z", "--all"],
  },
  merges: { scrape: ["--no-merges"], revList: ["--no-merges", "--all"] },
  authors: { scrape: ["--authors=GMAIL"], revList: ["-i", "-F", "--author=gmail", "--all"] },
  folder: { scrape: ["--paths=/src"], pathspecs: ["src"] },
  patterns: {
    scrape: ["--paths=*.md,docs,!CHANGELOG.md"],
    pathspecs: ["*.md", ":(glob)**/docs/**", ":(exclude,glob)**/CHANGELOG.md"],
  },
  deep: { scrape: ["--paths=**/tests/*.rs"], pathspecs: [":(glob)**/tests/*.rs"] },
  extensions: { scrape: ["--extensions=toml,Yml"], pathspecs: [":(icase)*.toml", ":(icase)*.yml"] },
};

const [repository, ...names] = process.argv.slice(2);
if (repository === undefined) {
  console.error("usage: filters.mjs REPOSITORY [NAME…]");
  process.exit(2);
}
const git = new PlainGit(repository);
try {
  for (const [name, rule] of Object.entries(CASES)) {
    if (names.length === 0 || names.includes(name)) await check(name, rule);
  }
} finally {
  git.close();
}

async function check(name, { scrape, revList = ["--all"], pathspecs }) {
  const listed = git.lines(["rev-list", "--date-order", "--reverse", "--parents", ...revList]);
  const expected = pathspecs
    ? touched(listed, pathspecs)
    : new Map(listed.map((row) => [row.split(" ", 1)[0], undefined]));
  const ids = [...expected.keys()];
  let commits = 0;
  let differences = 0;
  for await (const { metadata, diffs } of scraped(scrape)) {
    const isSame = metadata.hash === ids[commits];
    if (!isSame || !isSameFiles(diffs, expected.get(metadata.hash))) differences += 1;
    commits += 1;
  }
  differences += Math.abs(ids.length - commits);
  console.log(`${name}: ${scrape.join(" ")}: ${commits} commits, ${differences} differences`);
  if (differences > 0) process.exitCode = 1;
}

/** The commits that change a path of the pathspecs, against their first parent, with these paths. */
function touched(listed, pathspecs) {
  const requests = listed.map((row) => row.split(" ").slice(0, 2).join(" "));
  const args = ["diff-tree", "--stdin", "--root", "-r", "--name-only", "--no-renames"];
  const lines = git.lines(
    [...args, "--", ...pathspecs],
    requests.map((request) => `${request}\n= ${request}\n`).join(""),
  );
  const found = new Map();
  let paths = [];
  for (const line of lines) {
    if (!line.startsWith("= ")) paths.push(line);
    else {
      // The first line is the commit's id.
      const names = paths.slice(1).map((path) => Buffer.from(path, "latin1").toString());
      if (names.length > 0) found.set(line.slice(2).split(" ")[0], new Set(names));
      paths = [];
    }
  }
  return found;
}

/** Every path that git names is there, and every file goes, or went, by one of them. */
function isSameFiles(diffs, paths) {
  if (!paths) return true;
  const names = diffs.map(({ filename, old_filename }) => [filename, old_filename ?? filename]);
  const all = new Set(names.flat());
  return (
    [...paths].every((path) => all.has(path)) &&
    names.every((pair) => pair.some((path) => paths.has(path)))
  );
}

async function* scraped(options) {
  const args = [BIN, "--quiet", "--repo", repository, "--output", "-", ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  for await (const line of split(child.stdout, "\n")) yield JSON.parse(line);
  const status = await ended;
  if (status !== 0) throw new Error(`the scrape ended with ${status}`);
}
