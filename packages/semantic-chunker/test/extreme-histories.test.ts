import { gitRepository } from "@repotune/test-kit/git";
import { describe, expect, it } from "vitest";
import { chunkAll, expectComplete } from "./collect.ts";
import { scrape } from "./history.ts";
import { runAndJudge } from "./judge.ts";

const MANY = 100_000;
/** Milliseconds on a machine that has much else to do. */
const TIMEOUT = 300_000;

describe("a history with", { timeout: TIMEOUT }, () => {
  it("100,000 units in a file gives each its chunk", async () => {
    const repository = gitRepository();
    const names = Array.from({ length: MANY }, (_, number) => `fn f${number}() {}`);
    repository.commit("Add", { "src/lib.rs": `${names.join("\n")}\n` });
    repository.commit("Change", { "src/lib.rs": `${names.join("\n\n")}\n` });
    const options = { maxPatchBytes: 64 << 20, minChunkTokens: 0 };
    const { chunks, stats, verdict } = await runAndJudge(repository, options);
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.degraded_files).toEqual({});
    const added = chunks.filter(({ op }) => op === "added");
    expect(new Set(added.map((chunk) => chunk.function_name)).size).toBe(MANY);
  });

  it("100,000 hunks in a file gives each line to a chunk", async () => {
    const repository = gitRepository();
    const text = (value: number) =>
      Array.from({ length: MANY }, (_, line) => `${line}: ${value}\n${"x\n".repeat(7)}`).join("");
    repository.commit("Add", { "numbers.txt": text(1) });
    repository.commit("Change", { "numbers.txt": text(2) });
    const { chunks, stats, verdict } = await runAndJudge(repository, { maxPatchBytes: 64 << 20 });
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.skipped_files).toEqual({});
    const hunks = chunks.filter((chunk) => chunk.op === "modified" && chunk.language === "text");
    expect(hunks.reduce((sum, chunk) => sum + chunk.additions, 0)).toBe(MANY);
  });

  it("a path of 4,000 bytes, and names that look like something else", async () => {
    const repository = gitRepository();
    const body = "fn a() {\n    let first = 1;\n    let second = 2;\n}\n";
    const long = `${"folder-of-some-length/".repeat(181)}lib.rs`;
    expect(long.length).toBeGreaterThan(3980);
    const names = [
      ...[long, "a => b.rs", "{a => b}/c.rs", "../up.rs", "--output=pwned.rs", ":(glob)x.rs"],
      ...["\u202egnp.rs", "new\nline.rs", 'quo"te.rs', "\u001b[31mred.rs", "__proto__", "COM1.rs"],
    ].filter((name) => !name.startsWith("../")); // git itself refuses that one.
    repository.commit("Add", Object.fromEntries(names.map((name) => [name, body])));
    const renamed = names.map((name): [string, string | null][] => [
      [name, null],
      [`moved/${name}`, body.replace("2", "3")],
    ]);
    repository.commit("Rename", renamed.flat());
    const { chunks, stats, verdict } = await runAndJudge(repository);
    expect(verdict.said).toContain("\ncomplete, ");
    expect(stats.skipped_files).toEqual({});
    const paths = chunks
      .slice(-names.length)
      .map((chunk) => [chunk.old_file_path, chunk.file_path]);
    expect(paths.sort()).toEqual(names.map((name) => [name, `moved/${name}`]).sort());
  });

  it("copies", async () => {
    const repository = gitRepository();
    const body = (value: number) =>
      Array.from({ length: 9 }, (_, line) => `fn f${line}() {\n    ${line * value}\n}\n`).join(
        "\n",
      );
    repository.commit("Add", { "src/a.rs": body(1) });
    repository.commit("Copy", {
      "src/a.rs": body(1).replace("f0", "g0"),
      "src/b.rs": body(1).replace("f8", "g8"),
      "src/c.rs": body(1),
    });
    const commits = scrape(repository, ["-C"]);
    const letters = commits.flatMap(({ diffs }) => diffs.map((diff) => diff.change_type));
    expect(letters).toEqual(["A", "M", "C", "C"]);
    const { chunks, counts } = await chunkAll(commits);
    expectComplete(commits, chunks);
    expect(counts.skipped_files).toEqual({ no_text_change: 1 });
  });

  it("merges that were compared with all parents at once leaves these out, and says so", async () => {
    const repository = gitRepository();
    repository.commit("Start", { "src/lib.rs": "fn a() {}\n" });
    const [commit] = scrape(repository);
    if (!commit) throw new Error("There is no commit.");
    const [diff] = commit.diffs;
    const patch = "@@@ -1,1 -1,1 +1,2 @@@\n  fn a() {}\n++fn b() {}\n";
    for (const header of [
      "",
      "diff --combined src/lib.rs\nindex 1,2..3\n",
      "diff --cc src/lib.rs\n",
    ]) {
      if (diff) diff.patch = header + patch;
      const { counts } = await chunkAll([commit], { includeMerges: true });
      expect(counts).toMatchObject({ chunks: 0, skipped_files: { combined_patch: 1 } });
    }
  });
});
