import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateSync } from "node:zlib";
import type { Commit, CommitsMetadata } from "@repotune/schema";
import { gitRepository, TestRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { Scrape } from "../src/index.ts";

interface Scraped {
  commits: Commit[];
  metadata: CommitsMetadata;
  notices: string[];
}

async function scrape(repository: TestRepository): Promise<Scraped> {
  const notices: string[] = [];
  const context = { onNotice: (notice: string) => notices.push(notice) };
  const scrape = await Scrape.open(repository.path, {}, context);
  try {
    const commits: Commit[] = [];
    for await (const commit of scrape.commits()) commits.push(commit);
    return { commits, metadata: scrape.metadata(), notices };
  } finally {
    await scrape.close();
  }
}

const id = (repository: TestRepository, name: string) => repository.git("rev-parse", name);

/** What is different once objects are gone: by subject, the commits as they were and are. */
async function compare(repository: TestRepository, damage: () => void) {
  const before = await scrape(repository);
  expect(before.metadata.failures).toEqual([]);
  damage();
  const after = await scrape(repository);
  const was = new Map(before.commits.map((commit) => [commit.metadata.hash, commit]));
  const changed = after.commits.filter((commit) => {
    const { commit_number: _, ...now } = commit;
    const { commit_number: __, ...then } = was.get(commit.metadata.hash) as Commit;
    return JSON.stringify(now) !== JSON.stringify(then);
  });
  return { before, after, changed: changed.map(({ metadata }) => metadata.message) };
}

const lines = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `line ${index + from}\n`).join("");

test("a missing blob costs that file's patch in the commits that touch it", async () => {
  const repository = gitRepository();
  repository.commit("Add", { "a.rs": lines(50), "b.rs": lines(50, 100), "c.rs": lines(9) });
  repository.commit("Change", { "a.rs": lines(51), "b.rs": lines(51, 100) });
  repository.commit("Change again", { "a.rs": lines(52) });
  repository.commit("Rename", { "a.rs": null, "d.rs": lines(52) });
  repository.commit("Later", { "c.rs": lines(10) });
  const missing = id(repository, "HEAD~3:a.rs");
  const { before, after, changed } = await compare(repository, () => {
    repository.removeObject(missing);
  });
  expect(changed).toEqual(["Change", "Change again"]);
  expect(after.metadata.failures).toEqual(
    [1, 2].map((index) => ({
      commit_hash: after.commits[index]?.metadata.hash,
      object: missing,
      filename: "a.rs",
      reason: "The blob is missing or damaged.",
    })),
  );
  const [file, other] = after.commits[1]?.diffs ?? [];
  expect(file).toMatchObject({
    patch: "",
    is_binary: false,
    is_truncated: true,
    new_blob: missing,
  });
  expect(other).toEqual(before.commits[1]?.diffs[1]);
  expect(after.notices).toEqual([expect.stringContaining("2 failures in 2 commits")]);
});

test("missing blobs make up no renames", async () => {
  const repository = gitRepository();
  repository.commit("Add", { "a.rs": lines(50), "b.rs": lines(50, 100) });
  repository.commit("Replace", {
    "a.rs": null,
    "b.rs": null,
    "x.rs": lines(40, 500),
    "y.rs": "y\n",
  });
  const names = ["HEAD~1:a.rs", "HEAD~1:b.rs", "HEAD:x.rs"];
  const { after } = await compare(repository, () => {
    for (const name of names.map((name) => id(repository, name))) repository.removeObject(name);
  });
  expect(after.commits[1]?.diffs.map((diff) => `${diff.change_type} ${diff.filename}`)).toEqual([
    "D a.rs",
    "D b.rs",
    "A x.rs",
    "A y.rs",
  ]);
  expect(after.metadata.failures).toHaveLength(5);
});

test("hundreds of missing blobs are dealt with at once", async () => {
  const repository = gitRepository();
  for (let index = 0; index < 120; index += 1) {
    repository.commit(`Commit ${index}`, { a: lines(3, index), b: lines(3, 1000 + index) });
  }
  const { after } = await compare(repository, () => {
    for (let index = 0; index < 120; index += 1) {
      repository.removeObject(id(repository, `HEAD~${index}:a`));
    }
  });
  expect(after.commits).toHaveLength(120);
  expect(after.metadata.failures).toHaveLength(120);
  expect(after.commits.every(({ diffs }) => diffs[1]?.patch.includes("+line 1"))).toBe(true);
});

test.each([
  ["at its start", (object: Buffer) => Buffer.concat([Buffer.from("damage"), object])],
  // git finds out only when it comes to the end, in the middle of a diff.
  ["in its content", (object: Buffer) => object.fill("x", object.length - 20, object.length - 10)],
])("a blob damaged %s costs as little as a missing one", async (_, damage) => {
  const repository = gitRepository();
  repository.commit("Add", { "a.rs": lines(50), "b.rs": lines(50, 100) });
  repository.commit("Change", { "a.rs": lines(51), "b.rs": lines(51, 100) });
  repository.commit("Later", { "b.rs": lines(52, 100) });
  const damaged = id(repository, "HEAD:a.rs");
  const { changed, after } = await compare(repository, () => {
    const object = deflateSync(`blob ${lines(51).length}\0${lines(51)}`, { level: 0 });
    const path = join(repository.gitDir, "objects", damaged.slice(0, 2), damaged.slice(2));
    chmodSync(path, 0o644);
    writeFileSync(path, damage(object));
  });
  expect(changed).toEqual(["Change"]);
  expect(after.metadata.failures).toEqual([
    {
      commit_hash: after.commits[1]?.metadata.hash,
      object: damaged,
      filename: "a.rs",
      reason: expect.stringMatching(/damaged|unable to read|corrupt/),
    },
  ]);
  expect(after.commits[1]?.diffs[1]?.patch).toContain("+line 150");
});

test("a missing tree costs the changes of the commits that need it", async () => {
  const repository = gitRepository();
  for (let index = 0; index < 6; index += 1) {
    repository.commit(`Commit ${index}`, { [`folder-${index % 2}/file`]: lines(5, index) });
  }
  const tree = id(repository, "HEAD~3:folder-0");
  const { changed, after } = await compare(repository, () => repository.removeObject(tree));
  expect(changed).toEqual(["Commit 2", "Commit 4"]);
  expect(after.commits).toHaveLength(6);
  expect(after.commits[2]?.diffs).toEqual([]);
  expect(after.metadata.failures).toEqual([
    {
      commit_hash: id(repository, "HEAD~3"),
      object: tree,
      filename: null,
      reason: expect.stringContaining("git: "),
    },
    {
      commit_hash: id(repository, "HEAD~1"),
      object: tree,
      filename: null,
      reason: expect.stringContaining("git: "),
    },
  ]);
});

test("a missing commit ends its line of history, and no other", async () => {
  const repository = gitRepository();
  repository.commit("Root", { a: "1\n" });
  const gone = repository.commit("Gone", { a: "2\n" });
  repository.commit("Child", { a: "3\n" });
  repository.git("branch", "side", "HEAD~2");
  repository.checkout("side");
  repository.commit("Side", { b: "1\n" });
  repository.checkout("main");
  repository.merge("side");
  repository.removeObject(gone);
  const { commits, metadata, notices } = await scrape(repository);
  expect(commits.map((commit) => commit.metadata.message)).toEqual([
    "Root",
    "Child",
    "Side",
    "Merge branch 'side'",
  ]);
  expect(commits.map((commit) => commit.commit_number)).toEqual([0, 1, 2, 3]);
  expect(metadata.failures).toEqual([
    {
      commit_hash: commits[1]?.metadata.hash,
      object: gone,
      filename: null,
      reason: expect.stringContaining("parent is missing"),
    },
  ]);
  expect(commits[1]?.metadata.parents).toEqual([gone]);
  expect(notices).toHaveLength(2);
});

test("refs to missing objects, and tags of them, are passed over", async () => {
  const repository = gitRepository();
  repository.commit("Kept");
  const gone = repository.commit("Gone");
  repository.tag("lost", { message: "Lost" });
  repository.git("update-ref", "refs/heads/other", gone);
  repository.git("update-ref", "refs/heads/main", "HEAD~1");
  repository.removeObject(gone);
  const { commits, metadata } = await scrape(repository);
  expect(commits.map((commit) => commit.metadata.message)).toEqual(["Kept"]);
  expect(metadata.branches).toEqual(["main"]);
});

test("a shallow clone is read to its edge, and says so", async () => {
  const repository = gitRepository();
  for (let index = 0; index < 5; index += 1)
    repository.commit(`Commit ${index}`, { a: lines(index) });
  const { commits, metadata, notices } = await scrape(repository.clone({ depth: 2 }));
  expect(commits.map((commit) => commit.metadata.message)).toEqual(["Commit 3", "Commit 4"]);
  expect(metadata).toMatchObject({ is_shallow: true, failures: [] });
  expect(commits[0]?.metadata.parents).toHaveLength(1);
  expect(commits[0]?.context.seconds_since_parent).toBeNull();
  expect(commits[0]?.diffs[0]).toMatchObject({ change_type: "A", additions: 3 });
  expect(notices).toEqual([expect.stringContaining("edge of the history: 1")]);
});

test("a partial clone is read without its blobs, and says how to get them", async () => {
  const repository = gitRepository();
  repository.commit("Add", { "a.rs": lines(5) });
  repository.commit("Rename", { "a.rs": null, "b.rs": lines(5) });
  repository.git("config", "uploadpack.allowFilter", "true");
  const path = join(repository.path, "..", "partial");
  const url = pathToFileURL(repository.path).href;
  repository.git("clone", "--quiet", "--bare", "--filter=blob:none", url, path);
  const { commits, notices } = await scrape(new TestRepository(path, path, "sha1"));
  expect(commits[0]?.diffs[0]).toMatchObject({ filename: "a.rs", patch: "", is_truncated: true });
  // A rename of equal content needs no content.
  expect(commits[1]?.diffs[0]).toMatchObject({ change_type: "R", similarity: 100 });
  expect(commits[1]?.diffs[0]?.patch).toContain("rename to b.rs");
  expect(notices).toEqual([
    expect.stringContaining(
      "1 failures in 1 commits, listed in the metadata. This is a partial clone",
    ),
  ]);
});
