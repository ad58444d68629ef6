import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Commit, type CommitsMetadata, readCommits } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { Scrape, type ScrapeOptions, stage } from "../src/index.ts";

interface Result {
  commits: Commit[];
  metadata: CommitsMetadata;
  notices: string[];
}

async function scrape({ path }: TestRepository, options: ScrapeOptions): Promise<Result> {
  const notices: string[] = [];
  const history = await Scrape.open(path, options, { onNotice: (text) => notices.push(text) });
  try {
    const commits: Commit[] = [];
    for await (const commit of history.commits()) commits.push(commit);
    return { commits, metadata: history.metadata(), notices };
  } finally {
    await history.close();
  }
}

const subjects = ({ commits }: Result) => commits.map(({ metadata }) => metadata.message);

/** Three people, a bot, a merge with a conflict, and files of two kinds. */
function busyRepository(): TestRepository {
  const repository = gitRepository();
  const bob = { author: "Bob Martinez <bob@example.org>" };
  repository.commit("Base", { "a.rs": "fn a() {}\n", "docs/guide.md": "# Guide\n" });
  repository.checkout("topic", { create: true });
  repository.commit("Topic", { "a.rs": "fn a() { topic() }\n" }, bob);
  repository.checkout("main");
  repository.commit("Docs", { "docs/guide.md": "# The guide\n" }, bob);
  repository.commit("Main", { "a.rs": "fn a() { main() }\n" });
  repository.merge("topic", { "a.rs": "fn a() { main(); topic() }\n" });
  repository.commit(
    "Bump",
    { "Cargo.lock": "1\n" },
    { author: "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>" },
  );
  return repository;
}

test("filters leave out commits and files, count them and say so", async () => {
  const repository = busyRepository();
  const noBots = await scrape(repository, { bots: false, merges: false, authors: "ADA,bob" });
  expect(subjects(noBots)).toEqual(["Base", "Topic", "Docs", "Main"]);
  expect(noBots.metadata).toMatchObject({
    total_commits: 4,
    filtered: { commits: { date: 0, author: 1, bot: 0, merge: 1, path: 0 } },
  });
  expect(noBots.notices).toEqual(["Left out: 1 commit by author, 1 merge."]);

  const rust = await scrape(repository, { extensions: "rs" });
  expect(subjects(rust)).toEqual(["Base", "Topic", "Main", "Merge branch 'topic'"]);
  expect(rust.commits[0]?.diffs.map(({ filename }) => filename)).toEqual(["a.rs"]);
  expect(rust.commits.map(({ commit_number }) => commit_number)).toEqual([0, 1, 2, 3]);
  expect(rust.metadata.filtered).toMatchObject({ commits: { path: 2 }, files: { path: 1 } });

  const mainline = await scrape(repository, { refs: "mainline" });
  expect(subjects(mainline)).toEqual(["Base", "Docs", "Main", "Merge branch 'topic'", "Bump"]);
  expect(mainline.metadata.refs_scope).toBe("mainline");

  const since = await scrape(repository, { since: "2025-01-01T00:03:00Z" });
  expect(since.commits[0]?.metadata.message).toBe("Docs");
  // The parent is not among them; the time to it is known all the same.
  expect(since.commits[0]?.context.seconds_since_parent).toBe(120);

  await expect(scrape(repository, { authors: "nobody" })).rejects.toMatchObject({
    code: "E_TOO_SMALL",
    hint: expect.stringContaining("6 commits by author"),
  });
});

test("files beyond the limit keep their entry, not their patch", async () => {
  const repository = gitRepository();
  repository.commit("Three", { a: "a\n", b: "b\n", c: "c\n" });
  const { commits, metadata } = await scrape(repository, { maxFiles: 2 });
  const [{ diffs }] = commits as [Commit];
  expect(diffs.map(({ is_truncated, additions }) => [is_truncated, additions])).toEqual([
    [false, 1],
    [false, 1],
    [true, 1],
  ]);
  expect(diffs[2]?.patch).toBe("");
  expect(metadata.filtered.truncated.patches).toBe(1);
});

test("merges are told their base and conflicts, when asked for", async () => {
  const repository = busyRepository();
  const find = ({ commits }: Result) => commits.find(({ metadata }) => metadata.is_merge) as Commit;
  expect(find(await scrape(repository, {})).context).toMatchObject({
    merge_base: null,
    conflicted_files: [],
  });
  const { context } = find(await scrape(repository, { mergeDetails: true }));
  expect(context).toMatchObject({
    merge_base: repository.git("merge-base", "main~1^1", "main~1^2"),
    conflicted_files: ["a.rs"],
  });
  const combined = find(await scrape(repository, { mergeDiffs: "combined" }));
  expect(combined.diffs[0]?.patch).toContain("++fn a() { main(); topic() }\n");
  expect(find(await scrape(repository, { mergeDiffs: "none" })).diffs).toEqual([]);
});

test("nobody can be told from a scrape with a salt", async () => {
  const repository = busyRepository();
  repository.commit("Map", { ".mailmap": "Robert Martinez <bob@example.org>\n" });
  const message =
    "Thanks to Bob Martinez\n\nAda Lovelace found it.\n\nCo-authored-by: Eve Stranger <eve@example.net>\nReviewed-by: Bob Martinez <bob@example.org>\n";
  repository.commit(message, { "x.rs": "" }, { author: "Robert Martinez <bob@example.org>" });
  const folder = temporaryFolder();
  const saltFile = join(folder, "salt");
  writeFileSync(saltFile, "a secret that nobody can guess\n");
  const output = join(folder, "commits.jsonl");
  const values = { repo: repository.path, output, saltFile, paths: "!.mailmap" };
  await stage.run(readOptions(stage.options, values), {});
  const outputs = stage.outputs(readOptions(stage.options, values));
  const text = outputs.map((path) => readFileSync(path, "utf8")).join("\n");
  expect(text).not.toMatch(/Bob|Robert|Martinez|Lovelace|Eve|Stranger|example\.(org|net)|a secret/);
  const commits: Commit[] = [];
  for await (const commit of readCommits(output)) commits.push(commit);
  const authors = new Set(commits.map(({ metadata }) => metadata.author));
  expect(authors.size).toBe(3);
  for (const author of authors) expect(author).toMatch(/^author-[0-9a-f]{12}$/);
  const last = commits.at(-1)?.metadata;
  expect(last?.message).toBe(`Thanks to ${last?.author}`);
  expect(last?.trailers.map(({ key }) => key)).toEqual(["Co-authored-by", "Reviewed-by"]);
  expect(last?.co_authors[0]?.email).toMatch(/@anonymous\.invalid$/);
  // The bot is still known for one.
  expect(commits.some(({ context }) => context.is_bot)).toBe(true);
});

test("a salt that is missing or easily guessed is refused", async () => {
  const { path: repo } = busyRepository();
  const folder = temporaryFolder();
  const saltFile = join(folder, "salt");
  const run = () =>
    stage.run(readOptions(stage.options, { repo, output: join(folder, "c.jsonl"), saltFile }), {});
  await expect(run()).rejects.toMatchObject({ code: "E_NOT_FOUND" });
  writeFileSync(saltFile, "short\n");
  await expect(run()).rejects.toMatchObject({ code: "E_INPUT", hint: expect.stringMatching(/./) });
});

test("lines hold what the library gives, in the very text of JSON.stringify", async () => {
  const repository = busyRepository();
  repository.commit("Bytes", {
    latin1: Buffer.from("caf\xe9\n", "latin1"),
    controls: Buffer.from(Array.from({ length: 127 }, (_, byte) => byte + 1)),
    unicode: "\u2028 \u{1f600} \ufeff \u0085\n",
    large: 'quoted "text"\\\t\n'.repeat(20_000),
  });
  const { commits } = await scrape(repository, {});
  const output = join(temporaryFolder(), "commits.json");
  await stage.run(readOptions(stage.options, { repo: repository.path, output }), {});
  const lines = readFileSync(output, "utf8").split("\n").slice(1, -2);
  expect(lines.map((line) => line.replace(/,$/, ""))).toEqual(
    commits.map((commit) => JSON.stringify(commit)),
  );
});
