import type { Commit } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { claimOf } from "../src/classify/message-claim.ts";
import { scrape } from "./history.ts";

/** A small commit with the subject, which may be longer than git takes it from a command line. */
function commitSaying(message: string): Commit {
  const repository = gitRepository();
  repository.commit("Begin", { "a.rs": "fn a() {}\n" });
  const [commit] = scrape(repository);
  if (!commit) throw new Error("The repository has a commit.");
  return { ...commit, metadata: { ...commit.metadata, message } };
}

describe("what a commit's subject claims", () => {
  it.each([
    ["bug_fix", "fix(store): keep the order"],
    ["bug_fix", "Fixes #12 by fixing the rate"],
    ["bug_fix", "store: panics if empty"],
    ["optimization", "perf: fewer clones"],
    ["optimization", "store: small perf improvements"],
    ["optimization", "Remove an unnecessary `Vec` allocation"],
    ["refactoring", "Factor out a function"],
    ["refactoring", "store: small cleanups"],
    ["refactoring", "rustfmt"],
    ["refactoring", "Fix typo in a name"],
    ["refactoring", "Fix formatting of one more macro"],
    [undefined, "Fixes #12 - Add a type"],
    [undefined, "Use unreachable instead of panic"],
    [undefined, "feat: clean up"],
    [undefined, "Add settle"],
  ])("%s: %s", (type, subject) => {
    expect(claimOf(commitSaying(subject))?.type).toBe(type);
  });

  it("is found in time that grows with the subject", () => {
    expect(claimOf(commitSaying(`fixes ${"fix a ".repeat(100_000)}`))?.type).toBe("bug_fix");
    expect(claimOf(commitSaying(`unnecessary ${"x ".repeat(300_000)}`))).toBeUndefined();
  });
});
