import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Commit } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { scrapeCommits } from "../src/index.ts";

/** Settings by which showing a history would run a program or change what is shown. */
const settings = [
  ["core.fsmonitor", "TRAP"],
  ["core.pager", "TRAP"],
  ["core.hooksPath", "."],
  ["core.quotePath", "true"],
  ["diff.external", "TRAP"],
  ["diff.trap.command", "TRAP"],
  ["diff.trap.textconv", "TRAP"],
  ["diff.noprefix", "true"],
  ["diff.renames", "false"],
  ["diff.context", "0"],
  ["diff.algorithm", "patience"],
  ["diff.orderFile", "order"],
  ["diff.ignoreSubmodules", "all"],
  ["diff.suppressBlankEmpty", "true"],
  ["color.ui", "always"],
  ["log.showSignature", "true"],
  ["log.date", "relative"],
  ["gpg.program", "TRAP"],
  ["i18n.logOutputEncoding", "UTF-16"],
  ["core.abbrev", "4"],
  ["extensions.partialClone", "origin"],
  ["remote.origin.url", "ssh://localhost/nowhere"],
  ["remote.origin.promisor", "true"],
  ["remote.origin.uploadpack", "TRAP"],
  ["core.sshCommand", "TRAP"],
  ["core.alternateRefsCommand", "TRAP"],
  ["credential.helper", "!TRAP"],
  ["filter.trap.clean", "TRAP"],
  ["filter.trap.smudge", "TRAP"],
  ["merge.trap.driver", "TRAP"],
  ["trailer.trap.command", "TRAP"],
  ["trailer.trap.cmd", "TRAP"],
  ["mailmap.file", "OUTSIDE.mailmap"],
  ["include.path", "OUTSIDE"],
  ["includeIf.gitdir:/.path", "OUTSIDE"],
] as const;

/** Names, times, modes and contents of all files. */
const listing = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const info = lstatSync(path);
      const content = info.isFile() ? readFileSync(path, "base64") : undefined;
      return [name, info.mtimeMs, info.ctimeMs, info.mode, content];
    });

async function scrape(path: string): Promise<Commit[]> {
  const commits: Commit[] = [];
  for await (const commit of scrapeCommits(path)) commits.push(commit);
  return commits;
}

test("a repository's configuration, attributes and hooks neither run nor change anything", async () => {
  const repository = gitRepository();
  const text = Array.from({ length: 30 }, (_, index) => (index % 5 ? `line ${index}\n` : "\n"));
  repository.commit("One", { "a.txt": text.join(""), "b\u00e9.txt": "b\n" });
  text[12] = "changed\n";
  repository.commit("Two", { "a.txt": null, "moved.txt": text.join("") });
  repository.commit("Three", { ".gitattributes": "* diff=trap -text\n", gone: "gone\n" });
  repository.removeObject(repository.git("rev-parse", "HEAD:gone"));
  const before = await scrape(repository.path);
  expect(before[1]?.diffs[0]).toMatchObject({ change_type: "R", additions: 1, deletions: 1 });

  const marker = join(repository.path, "..", "fired");
  const trap = join(repository.path, "..", "trap");
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> ${marker}\n`);
  chmodSync(trap, 0o755);
  const outside = join(repository.path, "..", "outside");
  writeFileSync(outside, `[diff]\n\texternal = ${trap}\n`);
  writeFileSync(`${outside}.mailmap`, "Mallory <m@example.org> <ada@example.org>\n");
  for (const [key, value] of settings) {
    repository.git("config", key, value.replace("TRAP", trap).replace("OUTSIDE", outside));
  }
  writeFileSync(
    join(repository.gitDir, "info", "attributes"),
    "* diff=trap filter=trap merge=trap\n",
  );
  writeFileSync(join(repository.gitDir, "info", "grafts"), `${before[2]?.metadata.hash}\n`);
  const files = listing(repository.path);
  expect(await scrape(repository.path)).toEqual(before);
  expect(listing(repository.path)).toEqual(files);
  expect(existsSync(marker)).toBe(false);
});

test("a ref named like an option is a ref", async () => {
  const repository = gitRepository();
  const id = repository.commit("One", { "a.txt": "1\n" });
  repository.git("update-ref", "refs/heads/--output=pwned", id);
  repository.git("update-ref", "-d", "refs/heads/main");
  repository.git("symbolic-ref", "HEAD", "refs/heads/--output=pwned");
  const commits = await scrape(repository.path);
  expect(commits.map(({ metadata }) => metadata.hash)).toEqual([id]);
  expect(existsSync(join(repository.path, "pwned"))).toBe(false);
});

test("objects that a repository borrows from another count as missing", async () => {
  const lender = gitRepository();
  lender.commit("Secret", { secret: "secret\n" });
  const secret = lender.git("rev-parse", "HEAD:secret");
  const repository = gitRepository();
  repository.commit("One", { mine: "1\n", stolen: { blob: secret } });
  const alternates = join(repository.gitDir, "objects", "info", "alternates");
  writeFileSync(alternates, `${join(lender.gitDir, "objects")}\n`);
  expect(repository.git("show", "HEAD:stolen")).toBe("secret"); // Plain git follows them.
  const [commit] = await scrape(repository.path);
  expect(
    commit?.diffs.map(({ filename, patch, is_truncated }) => [filename, patch, is_truncated]),
  ).toEqual([
    ["mine", expect.stringContaining("+1"), false],
    ["stolen", "", true],
  ]);
});
