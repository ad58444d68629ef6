import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Runs a command; its output. */
export const run = (command, args, options = {}) =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 30, ...options });

/** A folder that is gone when the process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "check-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Paths that one call of git is given. */
const BATCH = 1000;

/** Lays the files of a revision whose paths match `pattern` out in `folder`; gives the paths. */
export function checkOut(repository, revision, pattern, folder) {
  const git = ["--literal-pathspecs", "-C", repository];
  const paths = run("git", [...git, "ls-tree", "-r", "-z", "--name-only", revision])
    .split("\0")
    .filter((path) => pattern.test(path));
  for (let at = 0; at < paths.length; at += BATCH) {
    const batch = paths.slice(at, at + BATCH);
    const archive = execFileSync("git", [...git, "archive", revision, "--", ...batch], {
      maxBuffer: 1 << 30,
    });
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
  }
  return paths;
}

/**
 * The chunks of a revision, as if it were the only commit of a history.
 *
 * @param extensions of the files that are cut, comma-separated.
 */
export function chunkRevision(repository, revision, extensions) {
  const folder = temporaryFolder();
  const git = (...args) => run("git", ["-C", repository, ...args]).trim();
  const clone = join(folder, "clone.git");
  run("git", ["init", "-q", "--bare", clone]);
  const objects = resolve(repository, git("rev-parse", "--git-path", "objects"));
  writeFileSync(join(clone, "objects/info/alternates"), `${objects}\n`);
  const person = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
  const tree = git("rev-parse", `${revision}^{tree}`);
  const commit = run("git", ["-C", clone, ...person, "commit-tree", "-m", "All", tree]).trim();
  run("git", ["-C", clone, "update-ref", "HEAD", commit]);
  const bin = (name) => join(import.meta.dirname, "../..", name, "bin.js");
  const commits = join(folder, "commits.jsonl");
  const chunks = join(folder, "chunks.jsonl");
  const only = ["--alternates", "--extensions", extensions];
  run("node", [bin("git-scraper"), "--quiet", "--repo", clone, "--output", commits, ...only]);
  const files = ["--quiet", "--commits", commits, "--repo", repository, "--output", chunks];
  run("node", [bin("semantic-chunker"), ...files]);
  return readFileSync(chunks, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
