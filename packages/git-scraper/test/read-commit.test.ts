import { gitRepository } from "@repotune/test-kit/git";
import { expect, test } from "vitest";
import { readCommit, scrapeCommits } from "../src/index.ts";

test("reads a commit as the whole scrape does, but for what takes the history", async () => {
  const source = gitRepository();
  source.commit("Begin", { "a.txt": "one\n", "b.bin": Buffer.from([0, 1, 2]) });
  source.git("branch", "side");
  source.commit("Move it", { "a.txt": null, "c.txt": "one\n" });
  source.commit("Go on", { "d.txt": "four\n" });
  source.git("checkout", "-q", "side");
  source.commit("Beside", { "e.txt": "five\n" });
  source.git("checkout", "-q", "main");
  source.git("merge", "-q", "--no-ff", "-m", "Merge side", "side");
  let count = 0;
  for await (const commit of scrapeCommits(source.path)) {
    const { metadata, context } = commit;
    expect(await readCommit(source.path, metadata.hash)).toEqual({
      ...commit,
      commit_number: 0,
      branches: [],
      tags: [],
      context: { ...context, has_tags: false },
    });
    count += 1;
  }
  expect(count).toBe(5);
});

test("reads the last commit of a shallow clone", async () => {
  const source = gitRepository();
  source.commit("Begin", { "a.txt": "one\n" });
  const last = source.commit("Go on", { "a.txt": "two\n" });
  const clone = gitRepository();
  clone.git("fetch", "-q", "--depth", "1", `file://${source.path}`, "HEAD:refs/heads/shallow");
  const commit = await readCommit(clone.path, "shallow");
  expect(commit).toMatchObject({ metadata: { hash: last }, context: { is_boundary: true } });
  expect(commit.diffs).toMatchObject([{ filename: "a.txt", change_type: "A" }]);
});
