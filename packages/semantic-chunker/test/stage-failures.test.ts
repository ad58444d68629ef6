import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, it } from "vitest";
import { defaultChunkOptions, stage } from "../src/index.ts";
import { scrape } from "./history.ts";
import { writeHistory } from "./write-history.ts";

/** A history whose chunks do not fit into what is gathered before it is written. */
async function prepare() {
  const folder = temporaryFolder();
  const repository = gitRepository({ folder });
  for (let number = 0; number < 4; number += 1) {
    const text = `fn a() {\n    ${"1 + ".repeat(100_000)}${number}\n}\n\nfn b() {}\n`;
    repository.commit(`Change ${number}`, {
      "src/lib.rs": text,
      "src/main.rs": `fn m${number}() {}\n`,
    });
  }
  const commits = join(folder, "commits.jsonl");
  await writeHistory(commits, scrape(repository));
  const output = join(folder, "out", "chunks.jsonl");
  const options = { ...defaultChunkOptions, includeMinified: true };
  return { folder, repository, options: { ...options, commits, repo: repository.path, output } };
}

describe("stage", () => {
  it("stops at a repository that goes away, and leaves no file", async () => {
    const { folder, repository, options } = await prepare();
    const onProgress = ({ done }: Progress) => {
      if (done === 1) renameSync(repository.path, join(folder, "moved"));
    };
    await expect(stage.run(options, { onProgress })).rejects.toMatchObject({
      code: "E_NOT_FOUND",
      message: expect.stringContaining("was moved or removed while it was read"),
    });
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  it("cuts by hunk, and says so, where only a blob is gone", async () => {
    const { folder, repository, options } = await prepare();
    repository.removeObject(repository.git("rev-parse", "HEAD~1:src/main.rs"));
    expect(await stage.run(options, {})).toMatchObject({ commits: 4, degraded_files: 2 });
    expect(readdirSync(join(folder, "out")).sort()).toEqual([
      "chunking_stats.json",
      "chunks.jsonl",
    ]);
  });

  it.skipIf(!existsSync("/dev/full"))("says that the disk is full", async () => {
    const { folder, options } = await prepare();
    mkdirSync(join(folder, "out"));
    symlinkSync("/dev/full", `${options.output}.tmp`);
    await expect(stage.run(options, {})).rejects.toMatchObject({
      code: "E_OUTPUT",
      message: expect.stringContaining("ENOSPC"),
      hint: expect.stringContaining("The disk is full"),
    });
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  // Nothing is read-only to root.
  it.skipIf(process.getuid?.() === 0)("says that a folder is read-only", async () => {
    const { folder, options } = await prepare();
    mkdirSync(join(folder, "out"));
    chmodSync(join(folder, "out"), 0o555);
    await expect(stage.run(options, {})).rejects.toMatchObject({
      code: "E_OUTPUT",
      message: expect.stringContaining(options.output),
      hint: expect.stringContaining("no permission"),
    });
  });
});
