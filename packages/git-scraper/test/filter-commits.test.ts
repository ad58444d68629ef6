import { openRepository } from "@repotune/git";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { type CommitFilterOptions, compileCommitFilter } from "../src/filter/commit-filter.ts";
import { type SelectCommitsOptions, selectCommits } from "../src/filter/select-commits.ts";
import { readHistory } from "../src/history/read-history.ts";
import { parseRefSelection } from "../src/history/ref-selection.ts";
import { listRefs } from "../src/history/refs.ts";
import { isBot } from "../src/identity/bots.ts";

/** Ids of the commits that are kept, and how many were not. */
async function select(
  { path }: TestRepository,
  filter: CommitFilterOptions,
  options: SelectCommitsOptions = {},
) {
  const repository = await openRepository(path);
  try {
    const refs = await listRefs(repository, parseRefSelection("all"));
    const { graph } = await readHistory(repository, refs);
    const compiled = compileCommitFilter(filter, isBot);
    const { selected, dropped } = await selectCommits(repository, graph, compiled, options);
    return { ids: [...selected].map((position) => graph.id(position)), dropped };
  } finally {
    await repository.close();
  }
}

/** Ids of the commits that plain git keeps. */
const git = (repository: TestRepository, ...args: string[]) => {
  const text = repository.git("rev-list", "--all", "--date-order", "--reverse", ...args);
  return text === "" ? [] : text.split("\n");
};

/** 2025-01-01T00:00:00Z. */
const NEW_YEAR = 1_735_689_600;
const DAY = 86_400;

/** Ten days with two commits each, at their first and at their last second, one out of order. */
function days(): TestRepository {
  const repository = gitRepository();
  for (let day = 0; day < 10; day += 1) {
    const start = NEW_YEAR + day * DAY;
    repository.commit(`First of ${day}`, {}, { date: "0 +0000", committerDate: `${start} +0200` });
    repository.commit(`Last of ${day}`, {}, { committerDate: `${start + DAY - 1} -0930` });
  }
  repository.commit("Clock wrong", {}, { committerDate: `${NEW_YEAR} +0000` });
  repository.commit(
    "No date",
    {},
    { committer: "Ada <ada@example.org> no", committerDate: "date" },
  );
  repository.commit("Far", {}, { committerDate: "99999999999 +0000" });
  return repository;
}

test.each<[CommitFilterOptions, string[]]>([
  [{ since: "2025-01-04" }, ["--since-as-filter=2025-01-04T00:00:00Z"]],
  [{ until: "2025-01-04" }, ["--until=2025-01-04T23:59:59Z"]],
  [{ until: "2025-01-04T00:00" }, ["--until=2025-01-04T00:00:00Z"]],
  [
    { since: "2025-01-02T02:00:00+02:00", until: "2025-01-05 00:00:00Z" },
    ["--since-as-filter=2025-01-02T00:00:00Z", "--until=2025-01-05T00:00:00Z"],
  ],
  [{ since: "2025-01-03T23:59:59-0000" }, ["--since-as-filter=2025-01-03T23:59:59Z"]],
  [{ since: "1970-01-01" }, []],
])("dates %j are those of git", async (filter, args) => {
  const repository = days();
  const expected = git(repository, ...args);
  const { ids, dropped } = await select(repository, filter);
  // With --until, git sorts what is left; here it keeps its place in the whole.
  expect(ids).toEqual(git(repository).filter((id) => expected.includes(id)));
  expect(dropped).toEqual({ date: 23 - ids.length, author: 0, bot: 0, merge: 0 });
});

function people(): TestRepository {
  const repository = gitRepository();
  const authors = [
    ...["Ada Lovelace <ada@example.org>", "ada <x@ADA.example.org>", "Grace <grace@navy.mil>"],
    ...["dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", "d <d@d>"],
    ...["Zo\u00eb \u00c9mile <zoe@example.org>", "O. (Q.) <q+1@example.org>", "Roe, Jane <roe@x>"],
  ];
  for (const author of authors) repository.commit(author, {}, { author });
  const latin1 = Buffer.from("J\u00d6RG <j@example.org>", "latin1");
  repository.commit("Latin", {}, { author: latin1, headers: "encoding ISO-8859-1\n" });
  return repository;
}

test.each([
  ["ada", ["ada"]],
  ["Ada,GRACE", ["ada", "grace"]],
  ["dependabot[bot]", ["dependabot[bot]"]],
  ["@example.org>", ["@example.org>"]],
  ["(Q.), q+1", ["(q.)", "q+1"]],
  ["Roe\\, Jane", ["roe, jane"]],
  ["nobody", ["nobody"]],
])("authors %j are found as git finds them", async (authors, patterns) => {
  const repository = people();
  const args = ["-i", "--fixed-strings", ...patterns.map((pattern) => `--author=${pattern}`)];
  const expected = git(repository, ...args);
  expect((await select(repository, { authors })).ids).toEqual(expected);
  const { ids, dropped } = await select(repository, { excludeAuthors: authors });
  expect(ids).toEqual(git(repository).filter((id) => !expected.includes(id)));
  expect(dropped.author).toBe(expected.length);
});

test("authors are compared as text, in whatever encoding and case", async () => {
  const repository = people();
  const names = async (filter: CommitFilterOptions) => {
    const { ids } = await select(repository, filter);
    return ids.map((id) => repository.git("show", "--no-patch", "--format=%an", id));
  };
  expect(await names({ authors: "J\u00f6rg" })).toEqual(["J\u00d6RG"]);
  expect(await names({ authors: "\u00e9MILE" })).toEqual(["Zo\u00eb \u00c9mile"]);
  expect(await names({ authors: "ada*@ada." })).toEqual(["ada"]);
  expect(await names({ authors: "example.org", excludeAuthors: "ada,zo" })).toEqual([
    "O. (Q.)",
    "J\u00d6RG",
  ]);
});

test("bots and merges are left out as asked, each commit for one reason", async () => {
  const repository = people();
  repository.checkout("topic", { create: true });
  repository.commit("Side");
  repository.checkout("main");
  repository.merge("topic");
  repository.merge("topic", {}, { author: "merge[bot] <m@example.org>" });
  expect((await select(repository, { merges: false })).ids).toEqual(git(repository, "--no-merges"));
  const both = await select(repository, { bots: false, merges: false, excludeAuthors: "navy" });
  expect(both.dropped).toEqual({ date: 0, author: 1, bot: 2, merge: 1 });
  expect(both.ids).toHaveLength(8);
});

/** A line of commits, made without a process for each. */
function line(length: number) {
  const repository = gitRepository();
  const tree = repository.writeTree({});
  const ids: string[] = [];
  for (let index = 0; index < length; index += 1) {
    const parent = index === 0 ? "" : `parent ${ids[index - 1]}\n`;
    const person = `Ada <ada@example.org> ${NEW_YEAR + index} +0000`;
    const content = `tree ${tree}\n${parent}author ${person}\ncommitter ${person}\n\n${index}\n`;
    ids.push(repository.writeObject("commit", content));
  }
  repository.git("update-ref", "HEAD", ids.at(-1) as string);
  return { repository, ids };
}

test("every commit passes by once, in order, and what cannot be read is kept", async () => {
  const { repository, ids } = line(600);
  const seen: string[] = [];
  const progress: number[] = [];
  const all = await select(
    repository,
    {},
    {
      visit: (position, commit) => seen.push(`${position} ${commit.message}`),
      onProgress: (done) => progress.push(done),
    },
  );
  expect(all.ids).toEqual(ids);
  expect(seen).toEqual(ids.map((_, index) => `${index} ${index}\n`));
  expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(600);
  // git still lists a commit by its commit-graph when the object is gone.
  repository.git("commit-graph", "write", "--reachable");
  repository.removeObject(ids[300] as string);
  const { ids: kept, dropped } = await select(repository, { authors: "nobody" });
  expect(kept).toEqual([ids[300]]);
  expect(dropped.author).toBe(599);
});

test("an abort ends the pass", async () => {
  const { repository } = line(300);
  const abort = new AbortController();
  const reading = select(
    repository,
    {},
    {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    },
  );
  await expect(reading).rejects.toMatchObject({ code: "E_INTERRUPTED" });
});

test("without a condition there is no filter", () => {
  const empty = { authors: " ,", excludeAuthors: "", bots: true, merges: true };
  expect(compileCommitFilter({}, isBot)).toBeUndefined();
  expect(compileCommitFilter(empty, isBot)).toBeUndefined();
});

test.each([
  [{ since: "yesterday" }, '--since "yesterday" is no date.'],
  [{ since: "" }, '--since "" is no date.'],
  [{ until: "2025-02-30" }, '--until "2025-02-30" is no date.'],
  [{ until: "2025-1-3" }, '--until "2025-1-3" is no date.'],
  [{ until: "2025-01-03T25:00" }, "is no date."],
  [{ until: "2025-01-03T12:00+99:00" }, "is no date."],
  [{ since: "1735689600" }, "is no date."],
  [{ since: "2025-02-01", until: "2025-01-31" }, "--since 2025-02-01 is after --until 2025-01-31."],
])("%j is refused", (options, message) => {
  expect(() => compileCommitFilter(options, isBot)).toThrow(
    expect.objectContaining({
      code: "E_USAGE",
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/./),
    }),
  );
});
