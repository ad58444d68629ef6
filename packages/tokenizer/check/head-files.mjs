// The files of a repository's HEAD, as a bare mirror has them.
import { execFileSync } from "node:child_process";

/**
 * @returns path and bytes of each file. Blobs that the mirror lacks are left out.
 */
export function headFiles(repository) {
  const git = (args, input) =>
    execFileSync("git", ["--git-dir", repository, ...args], { input, maxBuffer: 2 ** 31 - 1 });
  const entries = git(["ls-tree", "-r", "-z", "HEAD"])
    .toString()
    .split("\0")
    .filter((entry) => entry.includes(" blob "))
    .map((entry) => ({ id: entry.slice(12, entry.indexOf("\t")), path: entry.split("\t")[1] }));
  const batch = git(["cat-file", "--batch"], entries.map(({ id }) => `${id}\n`).join(""));
  const files = [];
  let at = 0;
  for (const { path } of entries) {
    const end = batch.indexOf(10, at);
    const [, type, size] = batch.toString("latin1", at, end).split(" ");
    at = end + 1;
    if (type !== "blob") continue; // "missing"
    files.push({ path, bytes: batch.subarray(at, at + Number(size)) });
    at += Number(size) + 1;
  }
  return files;
}
