import { join } from "node:path";
import { gitRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, it } from "vitest";
import { runCli } from "./support/run-cli.ts";

const before = "pub fn open(id: u64) -> u64 {\n    id\n}\n";
const after = before.replace("    id\n", "    id + 1\n");

function history() {
  const repository = gitRepository();
  repository.commit("Begin", { "src/a.rs": before });
  return { repository, id: repository.commit("Count from one", { "src/a.rs": after }) };
}

const preview = (revision: string, ...options: string[]) =>
  runCli(["chunk", "--preview", revision, ...options]);

describe("repotune chunk --preview", () => {
  it("shows a commit of a repository that was never scraped", async () => {
    const { repository, id } = history();
    for (const revision of ["HEAD", id, id.slice(0, 7), "main"]) {
      const { code, stdout, stderr } = await preview(revision, "--repo", repository.path);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("message  Count from one\ntask     change `crate::a::open`\n");
      expect(stdout).toContain("  ~ modified_function  syntax 1  function  open  1–3  +1  -1\n");
    }
  });

  it("takes the commit out of a history that was scraped, if that is named", async () => {
    const { repository, id } = history();
    const commits = join(temporaryFolder(), "history.jsonl");
    await runCli(["scrape", "--repo", repository.path, "--output", commits]);
    const { code, stdout, stderr } = await preview(id.slice(0, 7), "--commits", commits);
    expect(code).toBe(0);
    expect(stdout).toContain("rust, changed, crate::a, cut by hunk: no_repository");
    expect(stderr).toContain("! Without --repo, files that changed are cut by hunk");
    const whole = await preview("HEAD", "--commits", commits, "--repo", repository.path);
    expect(whole.stdout).toContain("modified_function");
  });

  it("prints the chunks for a program", async () => {
    const { repository } = history();
    const { stdout } = await preview("HEAD", "--repo", repository.path, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ qualified_name: "crate::a::open", op: "modified" });
  });

  it("says what is near to a commit that is not there", async () => {
    const { repository } = history();
    const { code, stdout, stderr } = await preview("mian", "--repo", repository.path);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(`✗ ${repository.path} has no commit "mian".\n  Near are: main.\n`);
  });
});
