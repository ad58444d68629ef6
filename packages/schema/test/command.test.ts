import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { type Io, runCommand, stageCommand } from "../src/command/index.ts";
import { defineStage, StageError } from "../src/index.ts";

const stage = defineStage({
  producer: { name: "@repotune/example", version: "1.2.3" },
  verb: "example",
  summary: "Do something.",
  options: Type.Object({
    repo: Type.String({ description: "Folder of the repository." }),
    maxCount: Type.Optional(Type.Integer({ minimum: 1, description: "Most items." })),
    mode: Type.Enum(["fast", "slow"], { default: "fast", description: "How." }),
    merges: Type.Boolean({ default: true, description: "Leave merges out." }),
  }),
  inputs: () => [],
  outputs: () => ["out.jsonl"],
  async run(options, { onProgress, onNotice }) {
    if (options.repo === "bad") {
      throw new StageError("E_NOT_A_REPOSITORY", "bad is not a repository.", { hint: "Try good." });
    }
    onProgress?.({ stage: "example", done: 1, total: 2, unit: "items", detail: { loss: 1.5 } });
    onNotice?.("something odd \x1b[31m\x07");
    return { ...options };
  },
});

async function run(argv: string[], env: Record<string, string> = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io: Io = { stdin, stdout, stderr, env };
  const code = await runCommand(stageCommand(stage, io, "example"), argv, io);
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

describe("a stage as a command line", () => {
  it("hands parsed options and defaults to the stage, and keeps stdout clean", async () => {
    const { code, stdout, stderr } = await run(["--repo", ".", "--max-count", "3", "--no-merges"]);
    expect(code).toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toContain("repo ., maxCount 3, mode fast, merges false");
    expect(stderr).toContain("! something odd ␛[31m␇\n");
  });

  it("prints events for programs", async () => {
    const { stdout, stderr } = await run(["--repo", ".", "--json"]);
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map((event) => event.event)).toEqual(["start", "progress", "notice", "done"]);
    expect(events[1]).toMatchObject({ stage: "example", done: 1, total: 2, unit: "items" });
    expect(events[3].summary).toMatchObject({ repo: ".", mode: "fast", merges: true });
    expect(stderr).toBe("");
  });

  it("says nothing when quiet", async () => {
    expect(await run(["--repo", ".", "--quiet"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("prints help and version on stdout", async () => {
    const help = await run(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("--max-count <n>");
    expect(help.stdout).toContain('(choices: "fast", "slow", default: "fast")');
    expect(await run(["--version"])).toMatchObject({ code: 0, stdout: "1.2.3\n" });
  });

  it.each([
    [["--rep", "."], "Did you mean --repo?"],
    [[], "--repo is missing."],
    [["--repo", ".", "--max-count", "x"], "Not a whole number."],
    [["--repo", ".", "--max-count", ""], "Not a whole number."],
    [["--repo", ".", "--max-count", "0"], "--max-count must be >= 1"],
    [["--repo", ".", "--mode", "quick"], "Allowed choices are fast, slow."],
    [["--repo", ".", "extra"], "too many arguments"],
  ])("refuses %j with exit code 2", async (argv, message) => {
    const { code, stderr, stdout } = await run(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it("shows an expected error with its hint and without a stack", async () => {
    expect(await run(["--repo", "bad"], { NO_COLOR: "1" })).toEqual({
      code: 1,
      stdout: "",
      stderr: "example …\n✗ bad is not a repository.\n  Try good.\n",
    });
  });

  it("gives errors as events, too", async () => {
    const { code, stdout } = await run(["--repo", "bad", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
      event: "error",
      code: "E_NOT_A_REPOSITORY",
      message: "bad is not a repository.",
      hint: "Try good.",
    });
  });
});

describe("a stage with a preview", () => {
  const shown = defineStage({
    ...stage,
    async *preview(revision, { repo }, { isJson, columns, colors }) {
      yield isJson ? `${JSON.stringify({ revision })}\n` : `${colors.bold(revision)} of ${repo}, `;
      yield isJson ? "" : `${columns}\n`;
    },
  });

  async function preview(argv: string[], terminal: { isTTY?: boolean; columns?: number } = {}) {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const io: Io = { stdin, stdout: Object.assign(stdout, terminal), stderr, env: {} };
    const options = ["--repo", "r", "--preview", "HEAD", ...argv];
    const code = await runCommand(stageCommand(shown, io, "example"), options, io);
    stdout.end();
    return { code, stdout: await text(stdout) };
  }

  it("prints it, and nothing else", async () => {
    expect(await preview([])).toEqual({ code: 0, stdout: "HEAD of r, 100\n" });
    expect(await preview(["--json"])).toEqual({ code: 0, stdout: '{"revision":"HEAD"}\n' });
  });

  it("tells it of the terminal", async () => {
    const { stdout } = await preview([], { isTTY: true, columns: 72 });
    expect(stdout).toBe("\x1b[1mHEAD\x1b[22m of r, 72\n");
    expect((await preview([], { isTTY: false, columns: 0 })).stdout).toBe("HEAD of r, 100\n");
    const json = await preview(["--json"], { isTTY: true, columns: 72 });
    expect(json.stdout).toBe('{"revision":"HEAD"}\n');
  });

  it("is an option of such a stage alone", async () => {
    expect(await run(["--repo", ".", "--preview", "HEAD"])).toMatchObject({ code: 2 });
  });
});
