import { describe, expect, it } from "vitest";
import { runCli } from "./support/run-cli.ts";

describe("repotune", () => {
  it("lists its subcommands", async () => {
    const { code, stdout } = await runCli(["--help"]);
    expect(code).toBe(0);
    for (const verb of [
      "run",
      "scrape",
      "chunk",
      "tokenize",
      "build",
      "train",
      "export",
      "generate",
      "doctor",
      "stages",
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${verb} `, "m"));
    }
  });

  it.each([
    [["scarpe"], "Did you mean scrape?"],
    [["run"], "required option '--repo <path>' not specified"],
    [["run", "--repo", ".", "--stage", "trian"], "Allowed choices are scrape, chunk"],
    [["run", "--repo", ".", "--set", "train.rank=many"], "--rank must be integer"],
    [["train", "--ranks", "3"], "Did you mean --rank?"],
    [["scrape"], "--repo is missing"],
    [["generate", "--model", "m.gguf"], "--prompt is missing"],
  ])("refuses %j with exit code 2", async (argv, message) => {
    const { code, stderr, stdout } = await runCli(argv);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("describes the stages as a table and as JSON", async () => {
    const table = await runCli(["stages"]);
    expect(table.stdout).toContain(".repotune/commits.jsonl, .repotune/commits.meta.json");
    const { stdout } = await runCli(["stages", "--json"]);
    const rows = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map((row) => row.stage)).toEqual(["scrape", "chunk", "tokenize", "build", "train"]);
  });
});
