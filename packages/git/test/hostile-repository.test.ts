import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { ObjectReader, openRepository } from "../src/index.ts";

/** Everything through which a repository can make some git command run a program. */
const traps = [
  ["core.fsmonitor", "TRAP"],
  ["core.sshCommand", "TRAP"],
  ["core.pager", "TRAP"],
  ["core.editor", "TRAP"],
  ["core.askPass", "TRAP"],
  ["core.alternateRefsCommand", "TRAP"],
  ["core.gitProxy", "TRAP"],
  ["credential.helper", "!TRAP"],
  ["diff.external", "TRAP"],
  ["diff.trap.command", "TRAP"],
  ["diff.trap.textconv", "TRAP"],
  ["filter.trap.clean", "TRAP"],
  ["filter.trap.smudge", "TRAP"],
  ["filter.trap.process", "TRAP"],
  ["gpg.program", "TRAP"],
  ["log.showSignature", "true"],
  ["pager.log", "TRAP"],
  ["pager.diff", "TRAP"],
  ["alias.log", "!TRAP"],
  ["trailer.trap.command", "TRAP"],
  ["trailer.trap.cmd", "TRAP"],
  ["merge.trap.driver", "TRAP"],
  ["merge.default", "trap"],
  ["mergetool.trap.cmd", "TRAP"],
  ["interactive.diffFilter", "TRAP"],
  ["sequence.editor", "TRAP"],
  ["core.hooksPath", "hooks"],
  ["uploadpack.packObjectsHook", "TRAP"],
  ["remote.origin.receivepack", "TRAP"],
  ["remote.origin.vcs", "trap"],
  ["url.ext::TRAP.insteadOf", "ssh://"],
  ["protocol.ext.allow", "always"],
  ["gpg.ssh.program", "TRAP"],
  ["gpg.ssh.defaultKeyCommand", "TRAP"],
  ["include.path", "INCLUDED"],
  ["includeIf.gitdir:/.path", "INCLUDED"],
  ["extensions.partialClone", "origin"],
  ["remote.origin.url", "ssh://localhost/nowhere"],
  ["remote.origin.promisor", "true"],
  ["remote.origin.uploadpack", "TRAP"],
] as const;

/** Arms every trap and returns the file that the first to fire would leave. */
function arm(repository: TestRepository): string {
  const marker = join(repository.path, "..", "fired");
  const trap = join(repository.path, "..", "trap");
  writeFileSync(trap, `#!/bin/sh\necho "$0 $*" >> ${marker}\n`);
  chmodSync(trap, 0o755);
  const included = join(repository.path, "..", "included");
  writeFileSync(included, `[core]\n\tfsmonitor = ${trap}\n[diff]\n\texternal = ${trap}\n`);
  const armed = (text: string) => text.replace("TRAP", trap).replace("INCLUDED", included);
  for (const [key, value] of traps) repository.git("config", armed(key), armed(value));
  for (const hook of ["post-index-change", "pre-auto-gc", "reference-transaction"]) {
    const path = join(repository.gitDir, "hooks", hook);
    writeFileSync(path, `#!/bin/sh\n${trap} ${hook}\n`);
    chmodSync(path, 0o755);
  }
  writeFileSync(
    join(repository.gitDir, "info", "attributes"),
    "* diff=trap filter=trap merge=trap\n",
  );
  return marker;
}

/** Names, times, modes and contents of all files. */
const listing = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const info = lstatSync(path);
      const content = info.isFile() ? createHash("sha256").update(readFileSync(path)) : undefined;
      return [name, info.mtimeMs, info.ctimeMs, info.mode, content?.digest("hex")];
    });

test("the traps are real: plain git springs them", () => {
  const source = gitRepository();
  source.commit("One", { "a.txt": "1\n" });
  const marker = arm(source);
  try {
    source.git("diff-tree", "--root", "-p", "--ext-diff", "HEAD");
  } catch {
    // git may or may not mind that what it ran did not answer it.
  }
  expect(existsSync(marker)).toBe(true);
});

test("nothing in a hostile repository runs, and nothing is written into it", async () => {
  const source = gitRepository();
  source.commit("One", { "a.txt": "1\n", ".gitattributes": "* diff=trap filter=trap\n" });
  const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n";
  source.commit("Two", { "a.txt": "2\n" }, { headers: signature });
  source.git("update-ref", "refs/heads/--output=pwned", "HEAD");
  source.removeObject(source.git("rev-parse", "HEAD:a.txt"));
  const marker = arm(source);
  const before = listing(source.path);
  const repository = await openRepository(source.path);
  const reader = ObjectReader.open(repository);
  try {
    const log = await repository.text([
      "log",
      "--all",
      "--format=%s %G? %(trailers)",
      "--raw",
      "--no-abbrev",
    ]);
    expect(log).toMatch(/Two N.*One N/s);
    const patch = await repository.text(["show", "-p", "--ext-diff", "--textconv", "HEAD~1"]);
    expect(patch).toContain("+1\n");
    const trees = repository.spawn(["diff-tree", "-r", "HEAD~1", "HEAD"]);
    trees.stdout.resume();
    await trees.done;
    expect(await repository.text(["for-each-ref"])).toContain("refs/heads/--output=pwned");
    const [, missing = ""] = / ([0-9a-f]{40}) M\t/.exec(log) ?? [];
    expect(await reader.read(missing)).toBeUndefined();
  } finally {
    await reader.close();
    await repository.close();
  }
  expect(existsSync(marker)).toBe(false);
  expect(listing(source.path)).toEqual(before);
});

test("merging does not run a merge driver", async () => {
  const source = gitRepository();
  const base = source.commit("Base", { merged: "base\n", ".gitattributes": "* merge=trap\n" });
  const [ours = "", theirs = ""] = ["ours\n", "theirs\n"].map((merged) =>
    source.commit("Side", { merged }, { parents: [base] }),
  );
  const marker = arm(source);
  const repository = await openRepository(source.path);
  try {
    const merge = repository.spawn(["merge-tree", "--write-tree", "--name-only", ours, theirs]);
    let text = "";
    for await (const chunk of merge.stdout.setEncoding("utf8")) text += chunk;
    await expect(merge.done).rejects.toMatchObject({ code: "E_GIT" }); // It conflicts.
    expect(text).toContain("CONFLICT (content): Merge conflict in merged");
  } finally {
    await repository.close();
  }
  expect(existsSync(marker)).toBe(false);
});

test("the caller's environment has no effect", async () => {
  const source = gitRepository();
  const id = source.commit("One");
  const other = gitRepository({ folder: join(source.path) });
  process.env.GIT_DIR = other.gitDir;
  process.env.GIT_OBJECT_DIRECTORY = join(other.gitDir, "objects");
  process.env.GIT_TRACE = "1";
  try {
    const repository = await openRepository(source.path);
    try {
      expect(await repository.text(["rev-parse", "HEAD"])).toBe(`${id}\n`);
      const child = repository.spawn(["rev-parse", "HEAD"]);
      child.stdout.resume();
      await child.done;
      expect(child.stderr).toBe("");
    } finally {
      await repository.close();
    }
  } finally {
    delete process.env.GIT_DIR;
    delete process.env.GIT_OBJECT_DIRECTORY;
    delete process.env.GIT_TRACE;
  }
});
