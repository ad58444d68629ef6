import { statSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { openRepository } from "@repotune/git";
import { type Io, runCommand, stageCommand } from "@repotune/schema/command";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { analyzeRepository } from "../src/analyze/analyze.ts";
import { analyzeCommand } from "../src/analyze/analyze-command.ts";
import { AnswerMeter } from "../src/analyze/answer-meter.ts";
import { measureDiffs } from "../src/analyze/measure-diffs.ts";
import { spreadEvenly } from "../src/analyze/sample.ts";
import { diffTree } from "../src/diff/command.ts";
import { readHistory } from "../src/history/read-history.ts";
import { parseRefSelection } from "../src/history/ref-selection.ts";
import { listRefs } from "../src/history/refs.ts";
import { stage } from "../src/stage.ts";

/** A history of two branches, with refs of each kind. */
function repositoryWithRefs(): TestRepository {
  const repository = gitRepository();
  repository.commit("First", { a: "1\n" }, { date: "1700000000 +0530" });
  repository.commit("Second", { b: "2\n" }, { author: "Grace <grace@example.org>" });
  repository.checkout("topic", { create: true });
  repository.commit("Third", { c: "3\n" }, { author: "Other <grace@example.org>" });
  repository.checkout("main");
  repository.commit("Fourth", { d: "4\n" });
  repository.merge("topic");
  repository.tag("v1");
  repository.tag("v2", { message: "Annotated" });
  repository.git("update-ref", "refs/remotes/origin/main", "main");
  repository.git("update-ref", "refs/pull/1/head", "topic");
  return repository;
}

test("an analysis says what plain git says", async () => {
  const repository = repositoryWithRefs();
  repository.git("gc", "--quiet");
  repository.commit("Loose", { e: "5\n" });
  const analysis = await analyzeRepository(repository.path);
  const lines = (...args: string[]) => repository.git(...args).split("\n");
  const stored = new Map(
    lines("count-objects", "-v").map((line) => line.split(": ") as [string, string]),
  );
  expect(analysis).toMatchObject({
    repository: "repository",
    path: repository.path,
    object_format: "sha1",
    is_shallow: false,
    is_partial: false,
    default_branch: "main",
    refs_scope: "all",
    refs: { branches: 2, remote_branches: 1, tags: 2, others: 1 },
    commits: lines("rev-list", "--all").length,
    merges: lines("rev-list", "--all", "--merges").length,
    roots: lines("rev-list", "--all", "--max-parents=0").length,
    authors: new Set(lines("log", "--all", "--format=%ae")).size,
    date_range: {
      first: "2023-11-15T03:43:20+05:30",
      last: lines("log", "--all", "--format=%aI", "-1")[0],
    },
    missing_commits: 0,
    object_store: { packs: 1, loose_objects: Number(stored.get("count")) },
    estimate: { sampled_commits: 6, unreadable_commits: 0 },
  });
  // git tells it in KiB, with the indexes.
  const { pack_bytes } = analysis.object_store;
  expect(pack_bytes).toBeGreaterThan(0);
  expect(pack_bytes).toBeLessThan((Number(stored.get("size-pack")) + 1) * 1024);
  const main = await analyzeRepository(repository.path, { refs: "topic" });
  expect(main).toMatchObject({ commits: 3, refs_scope: "topic", refs: { branches: 1, tags: 0 } });
});

test("what is cut off, detached or missing is told, and no failure", async () => {
  const repository = repositoryWithRefs();
  const shallow = await analyzeRepository(repository.clone({ depth: 1 }).path);
  expect(shallow).toMatchObject({ is_shallow: true, commits: 2, roots: 2 });
  repository.checkout(repository.git("rev-parse", "main"));
  repository.removeObject(repository.git("rev-parse", "main:b"));
  const damaged = await analyzeRepository(repository.path);
  // The blob is needed for the commit that adds it alone.
  expect(damaged).toMatchObject({
    default_branch: null,
    commits: 5,
    estimate: { sampled_commits: 4, unreadable_commits: 1 },
  });
  repository.removeObject(repository.git("rev-parse", "main~1"));
  const cut = await analyzeRepository(repository.path);
  expect(cut).toMatchObject({ commits: 4, missing_commits: 1 });
});

test("without one readable commit in the sample there is no estimate", async () => {
  const repository = gitRepository();
  repository.commit("Only", { a: "1\n" });
  repository.removeObject(repository.git("rev-parse", "main:a"));
  expect((await analyzeRepository(repository.path)).estimate).toBeNull();
  await expect(analyzeRepository(gitRepository().path)).rejects.toMatchObject({
    code: "E_TOO_SMALL",
  });
});

test("every commit is sampled once, and each beginning of the sample is spread", async () => {
  const repository = gitRepository();
  for (let index = 0; index < 60; index += 1) repository.commit(`Commit ${index}`);
  const opened = await openRepository(repository.path);
  try {
    const { graph } = await readHistory(opened, await listRefs(opened, parseRefSelection("all")));
    const order = [...spreadEvenly(graph)];
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(60).keys()]);
    expect(order[0]).toBe(0);
    const beginning = order.slice(0, 20).sort((a, b) => a - b);
    const gaps = beginning.map((commit, index) => commit - (beginning[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(8);
    const sample = await measureDiffs(opened, graph, order, { milliseconds: 60_000, least: 0 });
    expect(sample.costs.map(({ commit }) => commit)).toEqual(order);
  } finally {
    await opened.close();
  }
});

test("the meter counts files and JSON bytes as they are, in pieces of any size", () => {
  const repository = gitRepository();
  repository.commit("One", { a: 'say "hi"\t\\\n', b: Buffer.from("\x01\r\n:100644 x\n= end\n") });
  repository.commit("Two", { a: null, c: "ü\n" });
  const ids = repository.git("rev-list", "--reverse", "HEAD").split("\n");
  const args = diffTree({ merges: "first-parent", copies: false });
  const output = repository.gitBytes(args, ids.map((id) => `${id}\n= end\n`).join(""));
  const expected = output
    .toString("utf8")
    .split(/^= end\n/m)
    .slice(0, -1)
    .map((answer) => {
      const lines = answer.split("\n");
      const patch = lines.filter((line) => !line.startsWith(":")).join("\n");
      return {
        files: lines.filter((line) => line.startsWith(":")).length,
        bytes: Buffer.byteLength(JSON.stringify(patch)) - 2,
      };
    });
  expect(expected.map(({ files }) => files)).toEqual([2, 2]);
  for (const size of [1, 3, 7, output.length]) {
    const answers: unknown[] = [];
    const meter = new AnswerMeter((answer) => answers.push(answer));
    for (let at = 0; at < output.length; at += size) meter.push(output.subarray(at, at + size));
    expect(answers).toEqual(expected);
  }
});

test("the estimate is near what a scrape of like commits writes", async () => {
  const repository = gitRepository();
  for (let index = 0; index < 40; index += 1) {
    repository.commit(`Commit ${index}`, { [`f${index % 9}`]: `line ${index}\n`.repeat(200) });
  }
  const { estimate } = await analyzeRepository(repository.path);
  const output = join(temporaryFolder(), "commits.jsonl");
  await command(["--repo", repository.path, "--output", output, "--quiet"]);
  const bytes = statSync(output).size;
  expect(estimate?.output_bytes.expected).toBeGreaterThan(bytes * 0.8);
  expect(estimate?.output_bytes.expected).toBeLessThan(bytes * 1.2);
});

test("the command prints a table or JSON, beside the scrape itself", async () => {
  const repository = repositoryWithRefs();
  const table = await command(["analyze", "--repo", repository.path]);
  expect(table.code).toBe(0);
  expect(table.stdout).toMatch(/^commits {5}5, of which 1 merges$/m);
  expect(table.stdout).toMatch(/^refs {8}2 branches, 1 remote branches, 2 tags, 1 others/m);
  expect(table.stdout).toMatch(/^time {8}about [\d.]+ s \(/m);
  const json = await command(["analyze", "--repo", repository.path, "--refs", "main", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ commits: 5, refs_scope: "main" });
  expect((await command(["analyze"])).code).toBe(2);
  const wrong = await command(["analyze", "--repo", repository.path, "--refs", "man"]);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("man");
});

/** Runs the package's program in this process. */
async function command(argv: string[]) {
  const output = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof output) =>
    new Writable({
      write(chunk, _encoding, done) {
        output[name] += chunk;
        done();
      },
    });
  const io: Io = {
    stdin: process.stdin,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    env: {},
  };
  const program = stageCommand(stage, io, "git-scraper")
    .enablePositionalOptions()
    .addCommand(analyzeCommand(io));
  return { code: await runCommand(program, argv, io), ...output };
}
