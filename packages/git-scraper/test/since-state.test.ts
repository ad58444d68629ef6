import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Commit, readCommits, type StageContext } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { beforeAll, expect, test } from "vitest";
import { stage } from "../src/index.ts";

beforeAll(() => {
  process.env.SOURCE_DATE_EPOCH = "1735689600";
  return () => {
    delete process.env.SOURCE_DATE_EPOCH;
  };
});

/** Scrapes, and returns what the user is told. */
async function scrape(
  repository: TestRepository,
  folder: string,
  values: Record<string, unknown> = {},
  context: StageContext = {},
): Promise<string[]> {
  const notices: string[] = [];
  const output = join(folder, "commits.jsonl");
  const options = readOptions(stage.options, { repo: repository.path, output, ...values });
  await stage.run(options, { onNotice: (notice) => notices.push(notice), ...context });
  return notices;
}

const sinceState = (folder: string) => ({ sinceState: join(folder, "commits.state.jsonl") });

async function commitsIn(folder: string): Promise<Commit[]> {
  const commits: Commit[] = [];
  for await (const commit of readCommits(join(folder, "commits.jsonl"))) commits.push(commit);
  return commits;
}

/** Commits by id, without their position. */
const byHash = (commits: Commit[]) =>
  new Map(commits.map(({ commit_number: _, ...commit }) => [commit.metadata.hash, commit]));

const parse = (folder: string, file: string) =>
  JSON.parse(readFileSync(join(folder, file), "utf8"));

/** Checks that what was appended to is, but for the order, what a full run makes. */
async function expectEqualToFullRun(repository: TestRepository, folder: string): Promise<void> {
  const full = temporaryFolder();
  await scrape(repository, full);
  const [found, expected] = [await commitsIn(folder), await commitsIn(full)];
  expect(byHash(found)).toEqual(byHash(expected));
  expect(found.map(({ commit_number }) => commit_number)).toEqual(found.map((_, index) => index));
  const positions = new Map(found.map(({ metadata }, index) => [metadata.hash, index]));
  for (const { metadata, commit_number } of found) {
    for (const parent of metadata.parents) {
      expect(positions.get(parent)).toBeLessThan(commit_number);
    }
  }
  expect(parse(folder, "commits.meta.json")).toEqual(parse(full, "commits.meta.json"));
  expect(parse(folder, "history_stats.json")).toEqual(parse(full, "history_stats.json"));
}

function smallRepository(): TestRepository {
  const repository = gitRepository();
  repository.commit("One", { "a.rs": "fn a() {}\n", ".mailmap": "Ada <ada@example.org>\n" });
  repository.commit("Two", { "a.rs": "fn a() { b() }\n", "b.bin": Buffer.from("\0b") });
  return repository;
}

test("a history that only grew has the bytes of a full run", async () => {
  const repository = smallRepository();
  const folder = temporaryFolder();
  await scrape(repository, folder);
  repository.commit("Three", { "b.bin": null, "c.bin": Buffer.from("\0b") });
  repository.checkout("topic", { create: true });
  repository.commit("Four", { "d.rs": "fn d() {}\n" });
  repository.tag("v1", { at: "main~1" });
  expect(await scrape(repository, folder, sinceState(folder))).toEqual([]);
  const full = temporaryFolder();
  await scrape(repository, full);
  for (const file of ["commits.jsonl", "commits.meta.json", "history_stats.json"]) {
    expect(readFileSync(join(folder, file), "utf8"), file).toBe(
      readFileSync(join(full, file), "utf8"),
    );
  }
  expect(await commitsIn(folder)).toEqual(await commitsIn(full));
  expect(parse(folder, "commits.lineage.json")).toEqual(parse(full, "commits.lineage.json"));
  const [first] = await commitsIn(folder);
  expect(first?.branches.map(({ branch_name }) => branch_name)).toEqual(["main", "topic"]);
  expect(first?.metadata.canonical_author).toBe("Ada");
  expect((await commitsIn(folder))[1]?.tags).toEqual(["v1"]);
});

test("old lines are not touched, whatever moves: branches, tags, the mailmap", async () => {
  const repository = smallRepository();
  const folder = temporaryFolder();
  await scrape(repository, folder);
  const before = readFileSync(join(folder, "commits.jsonl"), "utf8");
  repository.git("branch", "other");
  repository.tag("v1");
  repository.commit("Mailmap", { ".mailmap": "Countess <ada@example.org>\n" });
  await scrape(repository, folder, sinceState(folder));
  expect(readFileSync(join(folder, "commits.jsonl"), "utf8").startsWith(before)).toBe(true);
  await expectEqualToFullRun(repository, folder);
  expect((await commitsIn(folder))[0]?.metadata.canonical_author).toBe("Countess");
});

test("force-pushed and deleted branches are reported, and their commits are no longer read", async () => {
  const repository = smallRepository();
  repository.checkout("gone", { create: true });
  repository.commit("On the branch that goes", { "gone.rs": "\n" });
  repository.checkout("forced", { create: true });
  repository.commit("Before the push", { "forced.rs": "\n" });
  repository.checkout("main");
  const folder = temporaryFolder();
  await scrape(repository, folder);
  repository.git("branch", "-D", "gone");
  repository.git("update-ref", "refs/heads/forced", "main");
  repository.checkout("forced");
  repository.commit("After the push", { "forced.rs": "\n\n" });
  repository.checkout("main");
  repository.git("reflog", "expire", "--all", "--expire=now");
  repository.git("gc", "--quiet", "--prune=now");
  expect(await scrape(repository, folder, sinceState(folder))).toEqual([
    "Refs that are gone since the last run: refs/heads/gone.",
    "Refs whose history was rewritten since the last run: refs/heads/forced.",
  ]);
  expect((await commitsIn(folder)).map(({ metadata }) => metadata.message)).toEqual([
    "One",
    "Two",
    "After the push",
  ]);
  expect(readFileSync(join(folder, "commits.jsonl"), "utf8").split("\n")).toHaveLength(6);
  await expectEqualToFullRun(repository, folder);
  // And back again: what is known already is not written twice.
  repository.git("branch", "again", "main");
  await scrape(repository, folder, sinceState(folder));
  await expectEqualToFullRun(repository, folder);
});

test("tables do not depend on the order in which commits became known", async () => {
  const repository = smallRepository();
  const author = (name: string) => ({ author: `${name} <${name}@example.org>` });
  const [root = ""] = repository.git("rev-list", "--max-parents=0", "HEAD").split("\n");
  repository.commit("Later", { "a.rs": null, "z.rs": "fn a() { b() }\n" }, author("Zoe"));
  const folder = temporaryFolder();
  await scrape(repository, folder);
  // Older than what is known, by somebody with as many commits; and the file got another last name.
  const older = { ...author("Eve"), parents: [root], date: "1 +0000" };
  repository.checkout("older", { create: true });
  repository.commit("Earlier", { "a.rs": null, "b.rs": "fn a() {}\n" }, older);
  repository.checkout("main");
  repository.commit("Gone", { "z.rs": null });
  await scrape(repository, folder, sinceState(folder));
  await expectEqualToFullRun(repository, folder);
});

test("a run that was killed while its files got their names is finished by the next", async () => {
  const repository = smallRepository();
  const folder = temporaryFolder();
  await scrape(repository, folder);
  const before = join(temporaryFolder(), "before");
  cpSync(folder, before, { recursive: true });
  repository.commit("Three", { "c.rs": "\n" });
  await scrape(repository, folder, sinceState(folder));
  const files = [
    ...["commits.jsonl", "history_stats.json", "commits.lineage.json"],
    ...["commits.meta.json", "commits.state.jsonl"],
  ];
  expect(readdirSync(folder).sort()).toEqual([...files].sort());
  for (let renamed = 1; renamed < files.length; renamed += 1) {
    const killed = join(temporaryFolder(), "killed");
    cpSync(before, killed, { recursive: true });
    for (const [index, file] of files.entries()) {
      cpSync(join(folder, file), join(killed, index < renamed ? file : `${file}.tmp`));
    }
    await scrape(repository, killed, sinceState(killed));
    expect(readdirSync(killed).sort()).toEqual([...files].sort());
    await expectEqualToFullRun(repository, killed);
  }
});

test("what was known comes back when a ref leads to it again", async () => {
  const repository = smallRepository();
  const folder = temporaryFolder();
  const tip = repository.commit("Three", { "c.rs": "\n" });
  await scrape(repository, folder);
  const bytes = readFileSync(join(folder, "commits.jsonl"), "utf8");
  repository.git("update-ref", "refs/heads/main", "HEAD~1");
  await scrape(repository, folder, sinceState(folder));
  expect(await commitsIn(folder)).toHaveLength(2);
  await expectEqualToFullRun(repository, folder);
  repository.git("update-ref", "refs/heads/main", tip);
  await scrape(repository, folder, sinceState(folder));
  expect(await commitsIn(folder)).toHaveLength(3);
  expect(readFileSync(join(folder, "commits.jsonl"), "utf8")).toBe(bytes);
  await expectEqualToFullRun(repository, folder);
});

test("older commits that come in later are appended", async () => {
  const repository = smallRepository();
  const folder = temporaryFolder();
  repository.checkout("side", { create: true });
  const side = repository.commit("On the side, early", { "side.rs": "\n" });
  repository.checkout("main");
  repository.commit("Three", { "a.rs": "" });
  repository.git("branch", "-D", "side");
  await scrape(repository, folder);
  repository.git("branch", "side", side);
  repository.checkout("main");
  repository.merge("side");
  await scrape(repository, folder, sinceState(folder));
  await expectEqualToFullRun(repository, folder);
});

test("a stopped run goes on from the state and from where it stood", async () => {
  const repository = smallRepository();
  const folder = temporaryFolder();
  await scrape(repository, folder);
  const before = readFileSync(join(folder, "commits.jsonl"), "utf8");
  for (let number = 0; number < 20; number += 1) {
    repository.commit(`More ${number}`, { "a.rs": `${number}\n` });
  }
  const abort = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done === 9) abort.abort();
  };
  await expect(
    scrape(repository, folder, sinceState(folder), { signal: abort.signal, onProgress }),
  ).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect(readFileSync(join(folder, "commits.jsonl"), "utf8")).toBe(before);
  expect(await scrape(repository, folder, sinceState(folder))).toEqual([
    "Going on after 9 commits of a run that was broken off.",
  ]);
  await expectEqualToFullRun(repository, folder);
});

test("a state that does not fit is refused, and nothing changes", async () => {
  const repository = smallRepository();
  const folder = temporaryFolder();
  await scrape(repository, folder);
  const state = join(folder, "commits.state.jsonl");
  const output = join(folder, "commits.jsonl");
  const [lines, entries] = [readFileSync(output), readFileSync(state)];
  const refused = async (code: string, values: Record<string, unknown> = {}) => {
    await expect(
      scrape(repository, folder, { sinceState: state, ...values }),
    ).rejects.toMatchObject({ code, hint: expect.stringMatching(/./) });
  };
  await refused("E_MISMATCH", { extensions: "rs" });
  await refused("E_USAGE", { output: join(folder, "commits.json") });
  await refused("E_NOT_FOUND", { output: join(folder, "other.jsonl") });
  truncateSync(state, entries.length - 3);
  await refused("E_TRUNCATED");
  writeFileSync(state, "");
  await refused("E_TRUNCATED");
  writeFileSync(state, entries);
  truncateSync(output, lines.length - 3);
  await refused("E_MISMATCH");
  writeFileSync(output, lines);
  await scrape(repository, folder, { sinceState: state });
  expect(readFileSync(output)).toEqual(lines);
  await expect(
    scrape(repository, folder, { sinceState: join(folder, "nowhere") }),
  ).rejects.toMatchObject({ code: "E_NOT_FOUND" });
});
