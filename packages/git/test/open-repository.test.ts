import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { ObjectReader, openRepository, type Repository } from "../src/index.ts";

/** Opens, asks, closes. */
async function within<T>(path: string, ask: (repository: Repository) => Promise<T>): Promise<T> {
  const repository = await openRepository(path);
  try {
    return await ask(repository);
  } finally {
    await repository.close();
    expect(existsSync(repository.gitDir)).toBe(false);
  }
}

const subjects = (repository: Repository) => repository.text(["log", "--all", "--format=%s"]);

test("opens a work tree, its .git folder, a bare clone and a linked worktree", async () => {
  const source = gitRepository();
  source.commit("One", { "a.txt": "1\n" });
  const bare = source.clone({ bare: true });
  const linked = join(source.path, "..", "linked");
  source.git("worktree", "add", "--quiet", "-b", "other", linked);
  for (const [path, name] of [
    [source.path, "repository"],
    [source.gitDir, "repository"],
    [bare.path, bare.path.replace(/.*\/|\.git$/g, "")],
    [linked, "linked"],
  ] as const) {
    const found = await within(path, async (repository) => [
      repository.name,
      repository.objectFormat,
      repository.isShallow,
      await subjects(repository),
    ]);
    expect(found).toEqual([name, "sha1", false, "One\n"]);
  }
  const head = await within(linked, (repository) => repository.text(["symbolic-ref", "HEAD"]));
  expect(head).toBe("refs/heads/other\n");
});

test("follows a detached HEAD of any worktree", async () => {
  const source = gitRepository();
  source.commit("One");
  const linked = join(source.path, "..", "linked");
  source.git("worktree", "add", "--quiet", "--detach", linked);
  source.checkout(source.git("rev-parse", "HEAD"));
  source.commit("Detached in the main worktree");
  const expected = source.git("rev-list", "--all");
  expect(expected.split("\n")).toHaveLength(2);
  for (const path of [source.path, linked]) {
    expect(await within(path, (found) => found.text(["rev-list", "--all"]))).toBe(`${expected}\n`);
  }
});

test("refuses what is no repository, and says what to do", async () => {
  const source = gitRepository();
  source.commit("One");
  const inside = join(source.path, "src");
  mkdirSync(inside);
  const file = join(source.path, "file");
  writeFileSync(file, "");
  const outside = join(source.path, "..", "empty");
  mkdirSync(outside);
  const missing = join(outside, "nowhere");
  await expect(openRepository(missing)).rejects.toMatchObject({
    code: "E_NOT_FOUND",
    message: expect.stringContaining(missing),
  });
  for (const path of [inside, file]) {
    await expect(openRepository(path)).rejects.toMatchObject({
      code: "E_NOT_A_REPOSITORY",
      hint: expect.stringContaining(source.path),
    });
  }
  await expect(openRepository(outside)).rejects.toMatchObject({ code: "E_NOT_A_REPOSITORY" });
});

test("refuses refs in a reftable and unknown object formats", async () => {
  const source = gitRepository();
  source.commit("One");
  mkdirSync(join(source.gitDir, "reftable"));
  await expect(openRepository(source.path)).rejects.toMatchObject({ code: "E_UNSUPPORTED" });
  rmSync(join(source.gitDir, "reftable"), { recursive: true });
  source.git("config", "extensions.objectFormat", "sha3");
  await expect(openRepository(source.path)).rejects.toMatchObject({
    code: "E_UNSUPPORTED",
    message: expect.stringContaining("sha3"),
  });
  writeFileSync(join(source.gitDir, "config"), "[core\nbroken");
  await expect(openRepository(source.path)).rejects.toMatchObject({
    code: "E_GIT",
    message: expect.stringContaining("bad config line"),
  });
});

test("reads SHA-256 repositories", async () => {
  const source = gitRepository({ objectFormat: "sha256" });
  const id = source.commit("One");
  await within(source.path, async (repository) => {
    expect(repository.objectFormat).toBe("sha256");
    expect(await repository.text(["rev-parse", "HEAD"])).toBe(`${id}\n`);
  });
});

test("shows the shallow boundary", async () => {
  const source = gitRepository();
  source.commit("One");
  source.commit("Two");
  const shallow = source.clone({ depth: 1 });
  await within(shallow.path, async (repository) => {
    expect(repository.isShallow).toBe(true);
    expect(await subjects(repository)).toBe("Two\n");
  });
});

test("a partial clone says so, and fetches nothing", async () => {
  const source = gitRepository();
  source.commit("One", { "a.txt": "1\n" });
  source.git("config", "uploadpack.allowFilter", "true");
  const blob = source.git("rev-parse", "HEAD:a.txt");
  const path = join(source.path, "..", "partial");
  const url = `file://${source.path}`;
  source.git("clone", "--quiet", "--bare", "--filter=blob:none", url, path);
  const found = await within(path, async (repository) => {
    const reader = ObjectReader.open(repository);
    const content = await reader.read(blob);
    await reader.close();
    return [repository.isPartial, content];
  });
  expect(found).toEqual([true, undefined]);
  expect(await within(source.path, async (repository) => repository.isPartial)).toBe(false);
});

test("reads a repository at a path with any characters", async () => {
  const source = gitRepository();
  source.commit("One");
  const path = join(source.path, "..", '#"é\\ \t\n⌘:;repo');
  renameSync(source.path, path);
  expect(await within(path, subjects)).toBe("One\n");
});

test("takes the refs as they are: packed and loose, odd names, broken ones, no replace refs", async () => {
  const source = gitRepository();
  const one = source.commit("One", { "a.txt": "1\n" });
  const two = source.commit("Two");
  const odd = "refs/heads/--output=pwned";
  source.git("update-ref", odd, one);
  source.git("update-ref", "refs/heads/moved", one);
  source.git("pack-refs", "--all");
  source.git("update-ref", "refs/heads/moved", two);
  source.gitBytes(
    ["update-ref", "--stdin"],
    Buffer.concat([
      Buffer.from("create refs/heads/"),
      Buffer.from([0xff, 0xe9]),
      Buffer.from(` ${one}\n`),
    ]),
  );
  source.git("replace", two, one);
  source.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/main");
  writeFileSync(join(source.gitDir, "refs", "heads", "broken"), "not an id\n");
  symlinkSync("/dev/zero", join(source.gitDir, "refs", "heads", "endless"));
  const repository = await openRepository(source.path);
  try {
    const child = repository.spawn(["for-each-ref", "--format=%(objectname) %(refname)"]);
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk);
    await child.done;
    expect(Buffer.concat(chunks).toString("latin1").trim().split("\n")).toEqual([
      `${one} ${odd}`,
      `${two} refs/heads/main`,
      `${two} refs/heads/moved`,
      `${one} refs/heads/\xff\xe9`,
    ]);
    expect(await repository.text(["log", "-1", "--format=%s", two])).toBe("Two\n");
  } finally {
    await repository.close();
  }
});

test("a repository without HEAD, or with a senseless one, still opens", async () => {
  const source = gitRepository();
  source.commit("One");
  for (const head of [undefined, "", "ref: ../../escape\n", "nonsense\n"]) {
    rmSync(join(source.gitDir, "HEAD"), { force: true });
    if (head !== undefined) writeFileSync(join(source.gitDir, "HEAD"), head);
    expect(await within(source.path, subjects)).toBe("One\n");
  }
});

test("failures of git are errors that quote it", async () => {
  const source = gitRepository();
  source.commit("One");
  await within(source.path, async (repository) => {
    await expect(repository.text(["rev-parse", "--verify", "nowhere"])).rejects.toMatchObject({
      code: "E_GIT",
      message: expect.stringContaining("Needed a single revision"),
    });
    await expect(repository.spawn(["cat-file", "blob", "nowhere"]).done).rejects.toMatchObject({
      code: "E_GIT",
      message: expect.stringMatching(
        /^git cat-file failed: fatal: Not a valid object name nowhere/,
      ),
    });
  });
});
