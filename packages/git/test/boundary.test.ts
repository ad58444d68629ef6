import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { ObjectReader, type OpenOptions, openRepository } from "../src/index.ts";

/** What of `ids` can be read of a repository, and from where more could be borrowed. */
async function look(path: string, ids: readonly string[], options: OpenOptions = {}) {
  const repository = await openRepository(path, options);
  const reader = ObjectReader.open(repository);
  try {
    const answers = await Promise.all(ids.map((id) => reader.readTyped(id)));
    const types = answers.map(({ type }) => type ?? "missing");
    return { types, borrowsFrom: repository.borrowsFrom };
  } finally {
    await reader.close();
    await repository.close();
  }
}

/** A repository with one commit of a kind that another does not have. */
function repositoryOf(
  subject: string,
  folder?: string,
): { repository: TestRepository; id: string } {
  const repository = gitRepository(folder === undefined ? {} : { folder });
  return { repository, id: repository.commit(subject) };
}

/** Packs everything and returns the path of the pack's files, without their extension. */
function pack(repository: TestRepository): string {
  repository.git("repack", "-a", "-d", "--quiet");
  const folder = join(repository.gitDir, "objects", "pack");
  const name = readdirSync(folder).find((file) => file.endsWith(".pack")) as string;
  return join(folder, name.slice(0, -".pack".length));
}

test("what a repository borrows through alternates is read only when asked for", async () => {
  const { repository: lender, id: lent } = repositoryOf("Lent");
  const shared = join(lender.path, "..", "shared");
  lender.git("clone", "--quiet", "--shared", lender.path, shared);
  const third = join(lender.path, "..", "third");
  lender.git("clone", "--quiet", "--shared", shared, third);
  const { repository: own, id } = repositoryOf("Own", third);
  own.git("repack", "-a", "-d", "--quiet");
  own.git("commit-graph", "write", "--reachable");
  const alternates = join(own.gitDir, "objects", "info", "alternates");
  writeFileSync(alternates, `# a comment\n${join(shared, ".git", "objects")}\n../relative\n`);
  appendFileSync(join(own.gitDir, "objects", "info", "http-alternates"), "http://localhost/\n");
  expect(await look(own.path, [id, lent])).toEqual({
    types: ["commit", "missing"],
    borrowsFrom: [join(shared, ".git", "objects"), join(own.gitDir, "relative")],
  });
  expect(await look(own.path, [id, lent], { alternates: true })).toEqual({
    types: ["commit", "commit"],
    borrowsFrom: [],
  });
  const repository = await openRepository(own.path);
  expect(existsSync(join(repository.gitDir, "own-objects", "info", "commit-graph"))).toBe(true);
  expect(await repository.text(["rev-list", "--all"])).toBe(`${id}\n`);
  await repository.close();
});

test("links among the objects are not followed out of the repository", async () => {
  const { repository: other, id: secret } = repositoryOf("Secret");
  const packed = pack(other);
  const odd = (name: Buffer, extension: string) =>
    Buffer.concat([
      Buffer.from(join(own.gitDir, "objects", "pack/")),
      name,
      Buffer.from(extension),
    ]);
  const { repository: own, id } = repositoryOf("Own");
  const objects = join(own.gitDir, "objects");
  for (const extension of [".pack", ".idx"]) {
    symlinkSync(`${packed}${extension}`, join(objects, "pack", `pack-x${extension}`));
    symlinkSync(`${packed}${extension}`, odd(Buffer.from([0xff, 0xfe]), extension));
  }
  expect(own.git("cat-file", "-t", secret)).toBe("commit"); // Plain git does.
  expect(await look(own.path, [id, secret])).toEqual({
    types: ["commit", "missing"],
    borrowsFrom: expect.arrayContaining([`${packed}.idx`, `${packed}.pack`]),
  });

  rmSync(join(objects, "pack"), { recursive: true });
  symlinkSync(join(other.gitDir, "objects", "pack"), join(objects, "pack"));
  expect((await look(own.path, [id, secret])).types).toEqual(["commit", "missing"]);

  renameSync(objects, join(own.gitDir, "elsewhere"));
  symlinkSync(join(other.gitDir, "objects"), objects);
  expect(await look(own.path, [id, secret])).toEqual({
    types: ["missing", "missing"],
    borrowsFrom: [join(other.gitDir, "objects")],
  });

  rmSync(objects);
  rmSync(join(own.gitDir, "elsewhere", "pack"));
  symlinkSync("elsewhere", objects); // A link that stays inside is as good as a folder.
  expect(await look(own.path, [id])).toEqual({ types: ["commit"], borrowsFrom: [] });
});

test.each(["packed-refs", "config", "shallow", "refs", "worktrees"])(
  "a link out of the repository in the place of %s is refused",
  async (name) => {
    const { repository: other } = repositoryOf("Secret");
    other.git("pack-refs", "--all");
    writeFileSync(join(other.gitDir, "shallow"), "");
    mkdirSync(join(other.gitDir, "worktrees"));
    const { repository: own } = repositoryOf("Own");
    rmSync(join(own.gitDir, name), { recursive: true, force: true });
    if (name === "refs") own.git("init", "--quiet"); // One of both has to be there.
    rmSync(join(own.gitDir, name), { recursive: true, force: true });
    symlinkSync(join(other.gitDir, name), join(own.gitDir, name));
    await expect(openRepository(own.path)).rejects.toMatchObject({
      code: "E_UNSUPPORTED",
      message: expect.stringContaining(join(own.gitDir, name)),
    });
  },
);

test("what is no file in the place of one is refused, not waited for", async () => {
  const { repository } = repositoryOf("One");
  const config = join(repository.gitDir, "config");
  rmSync(config);
  const server = createServer().listen(config);
  await once(server, "listening");
  try {
    await expect(openRepository(repository.path)).rejects.toMatchObject({ code: "E_UNSUPPORTED" });
  } finally {
    server.close();
  }
});

test("a folder cannot pass off another repository as its own", async () => {
  const { repository: other } = repositoryOf("Secret");
  const stranger = join(other.path, "..", "stranger");
  mkdirSync(stranger);
  const refused = () =>
    expect(openRepository(stranger)).rejects.toMatchObject({
      code: "E_UNSUPPORTED",
      hint: expect.stringContaining(other.gitDir),
    });
  writeFileSync(join(stranger, ".git"), `gitdir: ${other.gitDir}\n`);
  await refused();
  rmSync(join(stranger, ".git"));
  symlinkSync(other.gitDir, join(stranger, ".git"));
  await refused();
  rmSync(join(stranger, ".git"));
  mkdirSync(join(stranger, ".git"));
  writeFileSync(join(stranger, ".git", "commondir"), `${other.gitDir}\n`);
  writeFileSync(join(stranger, ".git", "HEAD"), readFileSync(join(other.gitDir, "HEAD")));
  await refused();
});

test("worktrees and submodules, which lie apart by design, are read", async () => {
  const { repository: library, id } = repositoryOf("Library");
  const { repository: main } = repositoryOf("Main");
  // As `git submodule add` leaves it; that is a script, and needs a shell with its tools.
  const submodule = join(main.path, "sub");
  const gitDir = join(main.gitDir, "modules", "sub");
  mkdirSync(join(main.gitDir, "modules"));
  main.git("clone", "--quiet", `--separate-git-dir=${gitDir}`, library.path, submodule);
  writeFileSync(join(submodule, ".git"), "gitdir: ../.git/modules/sub\n");
  spawnSync("git", ["-C", gitDir, "config", "core.worktree", "../../../sub"]);
  expect((await look(submodule, [id])).types).toEqual(["commit"]);
  // As `git sparse-checkout` leaves it.
  spawnSync("git", ["config", "--file", join(gitDir, "config"), "--unset", "core.worktree"]);
  writeFileSync(join(gitDir, "config.worktree"), "[core]\nworktree=../../../sub\n");
  expect((await look(submodule, [id])).types).toEqual(["commit"]);
  const linked = join(main.path, "..", "linked");
  spawnSync("git", ["-C", submodule, "worktree", "add", "--quiet", linked]);
  expect((await look(linked, [id])).types).toEqual(["commit"]);
});

test("a HEAD that is a symbolic link, as the first gits made it, names a branch", async () => {
  const { repository, id } = repositoryOf("One");
  rmSync(join(repository.gitDir, "HEAD"));
  symlinkSync("refs/heads/main", join(repository.gitDir, "HEAD"));
  const opened = await openRepository(repository.path);
  expect(await opened.text(["symbolic-ref", "HEAD"])).toBe("refs/heads/main\n");
  expect(await opened.text(["rev-parse", "HEAD"])).toBe(`${id}\n`);
  await opened.close();
});
