import { mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitRepository } from "@repotune/test-kit/git";
import { tinyModel, truncatedModel, unsupportedModel } from "@repotune/test-kit/models";
import { expect, it, onTestFinished } from "vitest";
import { rustHistory } from "./support/history.ts";
import { eventsOf, runCli } from "./support/run-cli.ts";
import { fastSettings } from "./support/settings.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "repotune-bad-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const run = async (repo: string, ...more: string[]) =>
  runCli([
    "run",
    "--repo",
    repo,
    "--out",
    join(await temporaryFolder(), "out"),
    "--json",
    ...fastSettings,
    ...more,
  ]);

it("names a path that is not there", async () => {
  const outcome = await run("/no/such/repository");
  expect(outcome.code).toBe(1);
  expect(eventsOf(outcome).at(-1)).toMatchObject({
    code: "E_NOT_FOUND",
    message: expect.stringContaining("/no/such/repository"),
  });
});

it("refuses a folder that is no repository", async () => {
  expect(eventsOf(await run(await temporaryFolder())).at(-1)).toMatchObject({
    code: "E_NOT_A_REPOSITORY",
  });
});

it("says that an empty repository has no commits", async () => {
  expect(eventsOf(await run(gitRepository().path)).at(-1)).toMatchObject({ code: "E_TOO_SMALL" });
});

it("scrapes and chunks one commit, and says why that is too little to train on", async () => {
  const repository = gitRepository();
  repository.commit("Only", { "a.rs": "fn a() {}\n" });
  const outcome = await run(repository.path);
  expect(
    eventsOf(outcome)
      .filter((e) => e.event === "done")
      .map((e) => e.stage),
  ).toEqual(["scrape", "chunk"]);
  expect(eventsOf(outcome).at(-1)).toMatchObject({
    code: "E_TOO_SMALL",
    message: "The history has 1 commit; a split into train, validation and test needs at least 3.",
  });
});

it("goes on past a missing blob, and tells", async () => {
  const repository = rustHistory();
  repository.removeObject(repository.git("rev-parse", "HEAD~3:src/lib.rs"));
  const outcome = await run(repository.path, "--stage", "chunk");
  expect(outcome.code).toBe(0);
  expect(eventsOf(outcome).some((e) => e.event === "notice")).toBe(true);
});

it("refuses a base that is cut off, of another architecture, or not there, before any work", async () => {
  const repository = rustHistory();
  for (const [base, code] of [
    [await truncatedModel(), "E_TRUNCATED"],
    [await unsupportedModel(), "E_UNSUPPORTED"],
    ["/no/such.gguf", "E_NOT_FOUND"],
  ] as const) {
    const outcome = await run(repository.path, "--base", base);
    expect(outcome.code).toBe(1);
    expect(eventsOf(outcome).at(-1)).toMatchObject({ event: "error", code });
    expect(eventsOf(outcome).some((e) => e.event === "start")).toBe(false);
  }
});

it("says why an output folder cannot be written", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  const repository = rustHistory();
  const outcome = await runCli([
    ...["run", "--repo", repository.path, "--out", join(folder, "file", "out"), "--json"],
  ]);
  expect(outcome.code).toBe(1);
  expect(eventsOf(outcome).at(-1)).toMatchObject({ code: "E_OUTPUT" });
});

it("names the line of a commits.jsonl that is cut off, and of chunks of another version", async () => {
  const folder = await temporaryFolder();
  const [commits, chunks] = [join(folder, "commits.jsonl"), join(folder, "chunks.jsonl")];
  const repository = rustHistory();
  await runCli(["scrape", "--repo", repository.path, "--output", commits, "--quiet"]);
  await runCli([
    "chunk",
    "--commits",
    commits,
    "--repo",
    repository.path,
    "--output",
    chunks,
    "--quiet",
  ]);

  await writeFile(chunks, '{"schema_version":"2.0.0"}\n');
  const tokenize = ["tokenize", "--chunks", chunks, "--commits", commits, "--json"];
  const version = await runCli([...tokenize, "--output-dir", join(folder, "tokens")]);
  expect(eventsOf(version).at(-1)).toMatchObject({
    code: "E_SCHEMA_VERSION",
    message: expect.stringContaining("chunks.jsonl line 1"),
  });

  await truncate(commits, 5000);
  const cut = await runCli(["chunk", "--commits", commits, "--output", chunks, "--json"]);
  expect(eventsOf(cut).at(-1)).toMatchObject({
    code: "E_TRUNCATED",
    message: expect.stringMatching(/commits\.jsonl line \d+ is cut off/),
  });
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

it("fine-tunes a base model to an adapter", async () => {
  const repository = rustHistory();
  const base = await tinyModel();
  const out = join(await temporaryFolder(), "out");
  const outcome = await runCli([
    ...["run", "--repo", repository.path, "--out", out, "--base", base, "--json", ...fastSettings],
  ]);
  expect(outcome.code, outcome.stdout.slice(-2000)).toBe(0);
  expect(await readdir(join(out, "model"))).toContain("adapter.gguf");
  const { code, stdout } = await runCli([
    ...["generate", "--model", base, "--adapter", join(out, "model", "adapter.gguf")],
    ...["--prompt", "commit: ", "--max-tokens", "8"],
  ]);
  expect(code).toBe(0);
  expect(stdout.length).toBeGreaterThan(1);
}, 180_000);
