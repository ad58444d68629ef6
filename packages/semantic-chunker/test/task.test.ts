import { type Files, gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { chunkRepository } from "./collect.ts";

/** The task of the last commit of a repository with these versions of files. */
async function taskOf(...versions: Files[]): Promise<string | undefined> {
  const repository = gitRepository();
  for (const files of versions) repository.commit("", files);
  const { chunks, commits } = await chunkRepository(repository);
  const tasks = chunks
    .filter(({ commit_hash }) => commit_hash === commits.at(-1)?.metadata.hash)
    .map(({ commit_metadata }) => commit_metadata.task);
  expect(new Set(tasks).size).toBe(1);
  return tasks[0];
}

const manifest = (dependencies = "") =>
  `[package]\nname = "energy_market"\n\n[dependencies]\n${dependencies}`;

const open = "pub fn open(id: u64) -> Dispute {\n    Dispute::at(id)\n}\n";
const resolve = "pub fn resolve(dispute: &Dispute) -> bool {\n    dispute.votes > 2\n}\n";
const tests =
  "#[cfg(test)]\nmod tests {\n    #[test]\n    fn resolve_needs_votes() {\n        assert!(!super::resolve(&open(1)));\n    }\n}\n";

describe("a commit's task", () => {
  it("tells what came, with its test, and what changed beside", async () => {
    const task = await taskOf(
      { "Cargo.toml": manifest(), "src/disputes.rs": open },
      { "Cargo.toml": manifest('log = "1"\n'), "src/disputes.rs": `${open}\n${resolve}\n${tests}` },
    );
    expect(task).toBe(
      "add `energy_market::disputes::resolve`, its test; change `Cargo.toml [dependencies]`",
    );
  });

  it("stands beside the message", async () => {
    const repository = gitRepository();
    repository.commit("Let disputes be resolved", { "src/disputes.rs": resolve });
    const { chunks } = await chunkRepository(repository);
    expect(chunks[0]?.commit_metadata).toMatchObject({
      message: "Let disputes be resolved",
      task: "add `crate::disputes::resolve`",
    });
  });
});
