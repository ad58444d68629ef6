import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { readCommits, readSidecar, type StageContext } from "@repotune/schema";
import { readOptions } from "@repotune/schema/command";
import { gitRepository, type TestRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, onTestFinished, test } from "vitest";
import { stage } from "../src/index.ts";

function smallRepository(): TestRepository {
  const repository = gitRepository();
  repository.commit("One", { "a.rs": "fn a() {}\n" });
  repository.commit("Two", { "a.rs": "fn a() { b() }\n", "b.rs": "fn b() {}\n" });
  return repository;
}

const run = (values: Record<string, unknown>, context: StageContext = {}) =>
  stage.run(readOptions(stage.options, values), context);

/** Pins the clock, so that whole files can be compared. */
function pinClock(): void {
  process.env.SOURCE_DATE_EPOCH = "1735689600";
  onTestFinished(() => {
    delete process.env.SOURCE_DATE_EPOCH;
  });
}

async function subjects(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const commit of readCommits(path)) found.push(commit.metadata.message);
  return found;
}

test("writes commits.jsonl with its sidecar, and the same bytes each time", async () => {
  pinClock();
  const repository = smallRepository();
  const output = join(temporaryFolder(), "deep", "commits.jsonl");
  const summary = await run({ repo: repository.path, output });
  expect(summary).toEqual({ commits: 2, files: 2, insertions: 3, deletions: 1, failures: 0 });
  expect(await subjects(output)).toEqual(["One", "Two"]);
  const outputs = stage.outputs(readOptions(stage.options, { repo: "r", output }));
  const contents = () => outputs.map((path) => readFileSync(path, "utf8"));
  const before = contents();
  const sidecar = await readSidecar(output);
  expect(sidecar?.metadata).toMatchObject({
    scrape_timestamp: "2025-01-01T00:00:00.000Z",
    repository: "repository",
    total_commits: 2,
    date_range: { first: "2025-01-01T00:01:00+00:00", last: "2025-01-01T00:02:00+00:00" },
  });
  const options = readOptions(stage.options, { repo: repository.path });
  expect(sidecar?.input_hash).toBe(await stage.fingerprint?.(options, {}));
  expect(sidecar?.options).toEqual({
    refs: "all",
    bots: true,
    merges: true,
    merge_diffs: "first-parent",
    copies: false,
    merge_details: false,
    max_patch_bytes: 1 << 26,
    max_commit_bytes: 1 << 26,
    alternates: false,
  });
  await run({ repo: repository.path, output, diffProcesses: 1 });
  expect(contents()).toEqual(before);
  expect(readdirSync(join(output, "..")).sort()).toEqual([
    "commits.jsonl",
    "commits.lineage.json",
    "commits.meta.json",
    "commits.state.jsonl",
    "history_stats.json",
  ]);
});

test("writes one commits.json", async () => {
  const output = join(temporaryFolder(), "commits.json");
  await run({ repo: smallRepository().path, output });
  expect(await subjects(output)).toEqual(["One", "Two"]);
  const document = JSON.parse(readFileSync(output, "utf8"));
  expect(document).toMatchObject({ schema_version: "1.0.0", metadata: { total_commits: 2 } });
  const stats = join(output, "..", "history_stats.json");
  expect(stage.outputs(readOptions(stage.options, { repo: "r", output }))).toEqual([output, stats]);
  expect(readdirSync(join(output, "..")).sort()).toEqual(["commits.json", "history_stats.json"]);
});

test("what cannot be written is an error, and leaves nothing half done", async () => {
  const { path: repo } = smallRepository();
  const folder = temporaryFolder();
  const file = join(folder, "file");
  writeFileSync(file, "");
  for (const output of [join(file, "commits.jsonl"), "/sys/repotune/commits.jsonl", folder]) {
    await expect(run({ repo, output }), output).rejects.toMatchObject({
      code: "E_OUTPUT",
      message: expect.stringContaining(output),
    });
  }
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("the fingerprint changes with what a scrape would see, and with nothing else", async () => {
  const repository = smallRepository();
  const options = readOptions(stage.options, { repo: repository.path });
  const fingerprint = async () => stage.fingerprint?.(options, {});
  const first = await fingerprint();
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  repository.git("pack-refs", "--all");
  repository.git("repack", "-adq");
  writeFileSync(join(repository.path, "untracked"), "");
  expect(await fingerprint()).toBe(first);
  const seen = [first];
  const changes = [
    () => repository.tag("v1"),
    () => repository.branch("other"),
    () => repository.checkout("other"),
    () => repository.commit("Three"),
    () =>
      writeFileSync(join(repository.gitDir, "shallow"), `${repository.git("rev-parse", "HEAD")}\n`),
  ];
  for (const change of changes) {
    change();
    const now = await fingerprint();
    expect(seen).not.toContain(now);
    seen.push(now);
  }
});

const bin = new URL("../bin.js", import.meta.url).pathname;

test("the binary writes JSONL to stdout, and says the rest on stderr", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    bin,
    "--repo",
    smallRepository().path,
    "--output",
    "-",
  ]);
  const lines = stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).metadata.message)).toEqual(["One", "Two"]);
  expect(stderr).toMatch(/commits 2/);
});

test("the binary's exit codes: 1 for failure, 2 for wrong usage", async () => {
  const failing = (...args: string[]) => promisify(execFile)(process.execPath, [bin, ...args]);
  await expect(failing("--repo", "/nowhere")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("/nowhere"),
  });
  await expect(failing()).rejects.toMatchObject({ code: 2 });
  await expect(failing("--repo", ".", "--since", "some day")).rejects.toMatchObject({ code: 2 });
  await expect(failing("--repo", ".", "--max-patch-bytes", "-1")).rejects.toMatchObject({
    code: 2,
  });
  expect(existsSync("commits.jsonl")).toBe(false);
});
