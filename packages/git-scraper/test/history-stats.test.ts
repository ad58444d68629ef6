import { type HistoryStats, HistoryStatsSchema } from "@repotune/schema";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { Type } from "typebox";
import { Check } from "typebox/value";
import { expect, test } from "vitest";
import { type HistoryStatsOptions, historyStats } from "../src/stats/history-stats.ts";
import { type HistoryChange, HistoryTable } from "../src/stats/history-table.ts";
import { tableFromGit } from "./history-rows.ts";

function statsOf(repository: TestRepository, options: HistoryStatsOptions = {}): HistoryStats {
  const { table, ids, parents } = tableFromGit(repository);
  const head = ids.indexOf(repository.git("rev-parse", "HEAD"));
  return historyStats(table, { parents, head, ...options });
}

const GRACE = { author: "Grace <grace@example.org>" };

/** Three authors, renames on a branch while the other goes on, removals, merges, a binary file. */
function repositoryWithBranches(): TestRepository {
  const repository = gitRepository();
  const lines = (count: number, text: string) => `${text}\n`.repeat(count);
  repository.commit("Begin", { a: lines(10, "a"), b: lines(5, "b"), c: lines(3, "c") });
  repository.commit("Both", { a: lines(12, "a"), b: lines(6, "b") }, GRACE);
  repository.checkout("topic", { create: true });
  repository.commit("Rename", { a: null, "src/a": lines(12, "a") }, GRACE);
  repository.commit("Change", { "src/a": lines(14, "a"), b: lines(7, "b") }, GRACE);
  repository.checkout("main");
  repository.commit("Meanwhile", { a: `top\n${lines(12, "a")}`, c: null });
  repository.merge("topic", { a: null, "src/a": `top\n${lines(14, "a")}` });
  repository.commit("Anew", { a: lines(4, "other"), c: lines(2, "again") }, GRACE);
  repository.commit("Binary", { image: Buffer.from([0, 1, 2]) }, { author: "Ida <i@example.org>" });
  repository.commit("All", { a: "x\n", b: "x\n", c: "x\n", "src/a": "x\n", d: "x\n" });
  return repository;
}

/** Commits and lines of some names, without merges, by plain git. */
function plainCounts(repository: TestRepository, ...paths: string[]) {
  const flags = ["--no-merges", "--full-history", "--no-renames", "--format=%H"];
  const commits = repository.git("log", "--all", ...flags, "--", ...paths).split("\n");
  const renames = ["-M", "--no-merges", "--format=", "--numstat", "--all"];
  const counts = repository
    .git("log", ...renames)
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([, , name]) => paths.some((path) => name === path || name?.endsWith(`> ${path}`)));
  const sum = (column: 0 | 1) =>
    counts.reduce((total, line) => total + (Number(line[column]) || 0), 0);
  return { commits: commits.length, additions: sum(0), deletions: sum(1) };
}

test("what exists is what HEAD's tree has, whatever other branches have", () => {
  const repository = repositoryWithBranches();
  repository.checkout("side", { create: true });
  repository.commit("Side", { b: null, "src/a": null, only: "here\n" });
  repository.checkout("main");
  const { ownership, change_frequency } = statsOf(repository);
  const tree = repository.git("ls-tree", "-r", "--name-only", "HEAD").split("\n");
  expect(ownership.map(({ filename }) => filename)).toEqual(tree);
  const named = (exists: boolean) =>
    change_frequency.filter((file) => file.exists === exists).map(({ filename }) => filename);
  expect(named(true).sort()).toEqual(tree);
  expect(named(false)).toEqual(["only"]);
});

test("a file's counts are git's over all its names, merges aside", () => {
  const repository = repositoryWithBranches();
  const { change_frequency } = statsOf(repository);
  const file = (name: string) => change_frequency.find(({ filename }) => filename === name);
  expect(file("b")).toMatchObject(plainCounts(repository, "b"));
  expect(file("c")).toMatchObject({ ...plainCounts(repository, "c"), renamed_from: [] });
  // The first `a` became `src/a`; what it was on main meanwhile, under its old name, counts too.
  const begin = { commits: 2, additions: 14 - 2 };
  expect(file("src/a")).toMatchObject({
    commits: begin.commits + 1 + 1 + 1 + 1,
    additions: begin.additions + 0 + 2 + 1 + 1,
    renamed_from: ["a"],
    first: "2025-01-01T00:01:00+00:00",
  });
  expect(file("a")).toMatchObject({ commits: 2, additions: 5, renamed_from: [] });
  const both = plainCounts(repository, "a", "src/a");
  expect(both.additions).toBe((file("a")?.additions ?? 0) + (file("src/a")?.additions ?? 0));
  expect(change_frequency.map(({ commits }) => commits)).toEqual([6, 4, 4, 2, 1, 1]);
});

test("shares of authors add up", () => {
  const repository = repositoryWithBranches();
  const { authors, ownership } = statsOf(repository);
  const shares = (name: string) =>
    ownership
      .find(({ filename }) => filename === name)
      ?.authors.map(({ author, ...share }) => ({ name: authors[author]?.name, ...share }));
  expect(shares("b")).toEqual([
    { name: "Ada Lovelace", commits: 2, additions: 6, commit_share: 0.5, line_share: 0.75 },
    { name: "Grace", commits: 2, additions: 2, commit_share: 0.5, line_share: 0.25 },
  ]);
  expect(shares("image")).toEqual([
    { name: "Ida", commits: 1, additions: 0, commit_share: 1, line_share: null },
  ]);
  for (const { authors: parts, commits, additions } of ownership) {
    expect(parts.reduce((sum, part) => sum + part.commits, 0)).toBe(commits);
    expect(parts.reduce((sum, part) => sum + part.additions, 0)).toBe(additions);
  }
});

test("a file that comes back goes on", () => {
  const repository = gitRepository();
  repository.commit("Begin", { x: "1\n", y: "1\n" });
  repository.commit("Remove", { x: null, y: null });
  repository.commit("Back", { x: "2\n" });
  const files = statsOf(repository).change_frequency;
  expect(files.map(({ filename, exists, commits }) => [filename, exists, commits])).toEqual([
    ["x", true, 3],
    ["y", false, 2],
  ]);
});

test("files swap names in one commit, and take each other's over", () => {
  // git itself calls a swap a change of both (without -B); the table may come from elsewhere.
  const table = new HistoryTable();
  const add = (...diffs: HistoryChange[]) => table.add({ metadata: METADATA, diffs });
  const renamed = (old_filename: string, filename: string) =>
    ({ ...changed(filename), old_filename, change_type: "R" }) as const;
  add(changed("x"), changed("y"));
  add(renamed("x", "y"), renamed("y", "x"));
  add(changed("x"));
  const files = () =>
    historyStats(table).change_frequency.map(({ filename, exists, commits, renamed_from }) => [
      filename,
      exists,
      commits,
      ...renamed_from,
    ]);
  expect(files()).toEqual([
    ["x", true, 3, "y"],
    ["y", true, 2, "x"],
  ]);
  add(renamed("x", "y"));
  expect(files()).toEqual([["y", true, 4, "x"]]);
});

test("pairs are counted as by hand, and weak or crowded ones are not", () => {
  const repository = repositoryWithBranches();
  const pairs = (options: HistoryStatsOptions) => {
    const { change_frequency, co_changes } = statsOf(repository, options);
    const name = (file: number) => change_frequency[file]?.filename;
    return {
      ...co_changes,
      pairs: co_changes.pairs.map(({ files, support }) => [...files.map(name), support].join(" ")),
    };
  };
  const all = pairs({ minSupport: 1 });
  expect(all).toMatchObject({ commits: 8, commits_too_large: 0, pairs_left_out: 0 });
  expect(all.pairs.slice(0, 2)).toEqual(["src/a b 4", "src/a c 3"]);
  expect(all.pairs).toContain("b c 2");
  expect(all.pairs).toHaveLength(10);
  expect(pairs({ minSupport: 3 }).pairs).toEqual(["src/a b 4", "src/a c 3"]);
  const small = pairs({ minSupport: 1, maxCommitFiles: 4 });
  expect(small).toMatchObject({ commits: 7, commits_too_large: 1 });
  expect(small.pairs).toEqual(["src/a b 3", "src/a c 2", "c a 1", "b c 1"]);
  const cut = pairs({ minSupport: 1, maxPairs: 1 });
  expect(cut.pairs).toEqual(["src/a b 4"]);
  expect(cut.pairs_left_out).toBe(9);
  const { co_changes } = statsOf(repository, { minSupport: 4 });
  // src/a is in 6 of 8 commits, b in 4 of 8.
  expect(co_changes.pairs[0]).toMatchObject({ confidence: [0.6667, 1], lift: 1.3333 });
});

test("pairs of a large history are all found, in exact numbers", () => {
  const table = new HistoryTable();
  let random = 1;
  const next = (limit: number) => {
    random = (random * 48_271) % 2_147_483_647; // Park and Miller's generator.
    return random % limit;
  };
  const support = new Map<string, number>();
  const count = (pair: string) => support.set(pair, (support.get(pair) ?? 0) + 1);
  for (let commit = 0; commit < 2000; commit += 1) {
    const files = new Set(Array.from({ length: 1 + next(8) }, () => `f${next(40) * next(3)}`));
    table.add({ metadata: METADATA, diffs: [...files].map(changed) });
    for (const a of files) for (const b of files) if (a < b && files.size <= 6) count(`${a} ${b}`);
  }
  const { change_frequency, co_changes } = historyStats(table, {
    minSupport: 5,
    maxCommitFiles: 6,
  });
  const found = co_changes.pairs.map(({ files, support: commits }) => {
    const names = files.map((file) => change_frequency[file]?.filename).sort();
    return [names.join(" "), commits] as const;
  });
  const expected = new Map([...support].filter(([, commits]) => commits >= 5));
  expect(expected.size).toBeGreaterThan(500);
  expect(new Map(found)).toEqual(expected);
  expect(found).toHaveLength(expected.size);
});

const METADATA = {
  author: "A",
  author_email: "a@example.org",
  timestamp: null,
  timestamp_unix: 0,
  commit_timestamp_unix: 0,
  is_merge: false,
  insertions: 1,
  deletions: 0,
};

const changed = (filename: string) =>
  ({ filename, change_type: "M", additions: 1, deletions: 0 }) as const;

test("authors, months and who works with whom", () => {
  const repository = gitRepository();
  repository.commit("New year, far east", { a: "1\n" }, { date: "1735660800 +1400" });
  repository.commit("January", { a: "1\n2\n", b: "1\n" }, { ...GRACE, date: "1735689600 -0800" });
  const grace = { author: "G. <grace@example.org>", date: "1738368000 +0000" };
  repository.commit("February", { b: "1\n2\n3\n" }, grace);
  repository.commit("No date", { c: "1\n" }, { date: "99999999999999 +0000" });
  const stats = statsOf(repository, {
    canonical: ({ name, email }) => ({ name: name === "G." ? "Grace" : name, email }),
  });
  expect(stats.undated_commits).toBe(1);
  expect(stats.months).toEqual([
    month("2024-12", 0, 1, 0),
    month("2025-01", 1, 2, 0),
    month("2025-02", 1, 2, 0),
  ]);
  expect(stats.authors.map(({ name, commits }) => [name, commits])).toEqual([
    ["Ada Lovelace", 2],
    ["Grace", 2],
  ]);
  expect(stats.authors[1]).toMatchObject({
    first: "2024-12-31T16:00:00-08:00",
    last: "2025-02-01T00:00:00+00:00",
    insertions: 4,
  });
  expect(stats.collaboration).toEqual({
    pairs_left_out: 0,
    pairs: [{ authors: [0, 1], shared_files: 1, shared_lines: 1 }],
  });
});

const month = (name: string, author: number, insertions: number, deletions: number) => ({
  month: name,
  commits: 1,
  merges: 0,
  insertions,
  deletions,
  authors: [{ author, commits: 1 }],
});

test("commits left out leave no trace, and the tables fit their schema", () => {
  const repository = repositoryWithBranches();
  const { table, ids, parents } = tableFromGit(repository);
  const reachable = new Set(repository.git("rev-list", "main~4").split("\n"));
  const include = (commit: number) => reachable.has(ids[commit] as string);
  const head = ids.indexOf(repository.git("rev-parse", "main~4"));
  repository.checkout("part", { create: true });
  repository.git("update-ref", "refs/heads/part", "main~4");
  const part = gitRepository();
  part.git("fetch", "--quiet", repository.path, "part:refs/heads/main", "--update-head-ok");
  expect(historyStats(table, { parents, include, head })).toEqual(statsOf(part));
  const stats = historyStats(table, { parents });
  expect(Check(Type.Omit(HistoryStatsSchema, PROVENANCE), stats)).toBe(true);
});

const PROVENANCE = ["schema_version", "producer", "options", "input_hash"] as const;
