import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Commit } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { expect, test } from "vitest";
import { type ScrapeOptions, scrapeCommits } from "../src/index.ts";

async function scrape(path: string, options: ScrapeOptions = {}): Promise<Commit[]> {
  const commits: Commit[] = [];
  for await (const commit of scrapeCommits(path, options)) commits.push(commit);
  return commits;
}

const subjects = (commits: Commit[]) => commits.map(({ metadata }) => metadata.message);

test("one commit is a history", async () => {
  const repository = gitRepository();
  const id = repository.commit("Only\n\nBody\n", { "src/a.rs": "fn a() {}\n" });
  const blob = repository.git("rev-parse", "HEAD:src/a.rs");
  const tree = repository.git("rev-parse", "HEAD^{tree}");
  expect(await scrape(repository.path)).toEqual([
    {
      schema_version: "1.0.0",
      commit_number: 0,
      metadata: {
        hash: id,
        abbrev_hash: id.slice(0, 12),
        tree_hash: tree,
        author: "Ada Lovelace",
        author_email: "ada@example.org",
        timestamp: "2025-01-01T00:01:00+00:00",
        timestamp_unix: 1_735_689_660,
        committer: "Ada Lovelace",
        committer_email: "ada@example.org",
        commit_timestamp: "2025-01-01T00:01:00+00:00",
        commit_timestamp_unix: 1_735_689_660,
        message: "Only",
        message_body: "Body\n",
        encoding: null,
        trailers: [],
        co_authors: [],
        parents: [],
        is_merge: false,
        is_revert: false,
        is_fixup: false,
        is_squash: false,
        files_changed: 1,
        insertions: 1,
        deletions: 0,
        canonical_author: "Ada Lovelace",
        canonical_author_email: "ada@example.org",
      },
      branches: [{ branch_name: "main", is_current: true, is_remote: false }],
      tags: [],
      diffs: [
        {
          filename: "src/a.rs",
          old_filename: null,
          change_type: "A",
          similarity: null,
          old_mode: "000000",
          new_mode: "100644",
          old_blob: "0".repeat(40),
          new_blob: blob,
          additions: 1,
          deletions: 0,
          patch: `diff --git a/src/a.rs b/src/a.rs\nnew file mode 100644\nindex ${"0".repeat(40)}..${blob}\n--- /dev/null\n+++ b/src/a.rs\n@@ -0,0 +1 @@\n+fn a() {}\n`,
          is_binary: false,
          is_truncated: false,
        },
      ],
      context: {
        is_merge: false,
        is_boundary: false,
        is_bot: false,
        has_tags: false,
        file_count: 1,
        total_lines_changed: 1,
        complexity_score: 0.149,
        is_high_risk: false,
        seconds_since_parent: null,
        related_issues: [],
        related_commits: [],
        directories: ["src"],
        merge_base: null,
        conflicted_files: [],
      },
    },
  ]);
});

test("a history without commits, and what is none, are refused", async () => {
  await expect(scrape(gitRepository().path)).rejects.toMatchObject({
    code: "E_TOO_SMALL",
    message: expect.stringContaining("has no commits"),
    hint: expect.stringMatching(/./),
  });
  const folder = temporaryFolder();
  await expect(scrape(join(folder, "nowhere"))).rejects.toMatchObject({ code: "E_NOT_FOUND" });
  mkdirSync(join(folder, "plain"));
  await expect(scrape(join(folder, "plain"))).rejects.toMatchObject({
    code: "E_NOT_A_REPOSITORY",
  });
});

test("each scope of refs reaches what it says", async () => {
  const repository = gitRepository();
  repository.commit("Base");
  repository.checkout("topic", { create: true });
  repository.git("update-ref", "refs/remotes/origin/far", repository.commit("Remote"));
  repository.git("update-ref", "refs/pull/7/head", repository.commit("Pull"));
  repository.git("update-ref", "refs/heads/topic", "main");
  repository.checkout("side", { create: true });
  repository.commit("Side");
  repository.checkout("main");
  repository.checkout(repository.git("rev-parse", "main"));
  repository.commit("Detached");
  const found = async (refs: ScrapeOptions["refs"]) =>
    subjects(await scrape(repository.path, { refs })).sort();
  expect(await found("all")).toEqual(["Base", "Detached", "Pull", "Remote", "Side"]);
  expect(await found("branches")).toEqual(["Base", "Detached", "Remote", "Side"]);
  expect(await found("heads")).toEqual(["Base", "Detached", "Side"]);
  expect(await found("head")).toEqual(["Base", "Detached"]);
});

test("a bare clone, a linked worktree and any number of processes give the same commits", async () => {
  const repository = gitRepository();
  for (let index = 0; index < 150; index += 1) {
    repository.commit(`Commit ${index}`, { [`file-${index % 7}`]: `${index}\n`.repeat(index) });
  }
  const linked = join(repository.path, "..", "linked");
  repository.git("worktree", "add", "--quiet", "--detach", linked);
  const commits = await scrape(repository.path, { diffProcesses: 1 });
  expect(commits).toHaveLength(150);
  expect(await scrape(repository.path, { diffProcesses: 5 })).toEqual(commits);
  expect(await scrape(repository.clone({ bare: true }).path)).toEqual(commits);
  const notCurrent = commits.map((commit) => ({
    ...commit,
    branches: commit.branches.map((branch) => ({ ...branch, is_current: false })),
  }));
  expect(await scrape(linked)).toEqual(notCurrent);
});

test("patches beyond the limits are left out, their lines still counted", async () => {
  const repository = gitRepository();
  const text = (bytes: number) => "0123456789abcde\n".repeat(bytes / 16);
  repository.commit("Sizes", { a: text(1600), b: text(160_000), c: text(800), d: text(1600) });
  const [whole] = await scrape(repository.path);
  const bytes = whole?.diffs.map(({ patch }) => patch.length) as [number, number, number, number];
  const cut = async (options: ScrapeOptions) => {
    const [commit] = await scrape(repository.path, options);
    expect(commit?.metadata.insertions).toBe(whole?.metadata.insertions);
    return commit?.diffs.map(({ is_truncated, patch }) => (is_truncated ? "" : patch.length));
  };
  const [a, , c, d] = bytes;
  expect(await cut({ maxPatchBytes: a })).toEqual([a, "", c, d]);
  expect(await cut({ maxPatchBytes: a - 1 })).toEqual(["", "", c, ""]);
  expect(await cut({ maxCommitBytes: a + c })).toEqual([a, "", c, ""]);
  expect(await cut({ maxPatchBytes: 0 })).toEqual(["", "", "", ""]);
});

test("stopping early, and an abort, end everything", async () => {
  const repository = gitRepository();
  for (let index = 0; index < 40; index += 1) repository.commit(`Commit ${index}`);
  for await (const commit of scrapeCommits(repository.path)) {
    if (commit.commit_number === 3) break;
  }
  const abort = new AbortController();
  const seen: number[] = [];
  const reading = (async () => {
    const context = { signal: abort.signal };
    for await (const commit of scrapeCommits(repository.path, {}, context)) {
      seen.push(commit.commit_number);
      if (commit.commit_number === 3) abort.abort();
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  expect(seen).toEqual([0, 1, 2, 3]);
});

test("progress counts the commits", async () => {
  const repository = gitRepository();
  repository.commit("One");
  repository.commit("Two");
  const progress: unknown[] = [];
  const context = { onProgress: (moment: unknown) => progress.push(moment) };
  for await (const _ of scrapeCommits(repository.path, {}, context));
  expect(progress).toEqual([
    { stage: "git-scraper", done: 1, total: 2, unit: "commits" },
    { stage: "git-scraper", done: 2, total: 2, unit: "commits" },
  ]);
});

test("patches stay as they are although memory is used again, whoever takes his time", async () => {
  const repository = gitRepository();
  const text = (commit: number) => `commit ${commit}, a line\n`.repeat(10_000);
  for (let commit = 0; commit < 60; commit += 1) repository.commit("C", { "a.txt": text(commit) });
  let commits = 0;
  for await (const { diffs } of scrapeCommits(repository.path, { diffProcesses: 1 })) {
    if (commits % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const added = diffs[0]?.patch.split("\n").flatMap((line) => /^\+(c.*)/.exec(line)?.[1] ?? []);
    expect(`${added?.join("\n")}\n` === text(commits), `commit ${commits}`).toBe(true);
    commits += 1;
  }
  expect(commits).toBe(60);
});
