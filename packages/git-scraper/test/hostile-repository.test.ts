import { chmodSync, existsSync, writeFileSync } from "node:fs";
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
] as const;

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
  for (const [key, value] of settings) repository.git("config", key, value.replace("TRAP", trap));
  writeFileSync(join(repository.gitDir, "info", "attributes"), "* diff=trap filter=trap\n");
  writeFileSync(join(repository.gitDir, "info", "grafts"), `${before[2]?.metadata.hash}\n`);
  expect(await scrape(repository.path)).toEqual(before);
  expect(existsSync(marker)).toBe(false);
});
