import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ChunkingStats,
  ChunkingStatsSchema,
  ChunkSchema,
  isStageError,
  type Progress,
  readJsonFile,
  readJsonl,
} from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { describe, expect, it } from "vitest";
import { defaultChunkOptions, stage } from "../src/index.ts";
import { scrape } from "./history.ts";
import { writeHistory } from "./write-history.ts";

/** A folder with a `commits.jsonl` of three commits, and the repository they are from. */
async function prepare() {
  const folder = temporaryFolder();
  const repository = gitRepository({ folder });
  repository.commit("Add", { "src/lib.rs": "fn a() {}\n", "README.md": "# A\n" });
  repository.commit("Change", { "src/lib.rs": "fn a() {}\n\nfn b() {}\n" });
  repository.commit("Drop", { "README.md": null });
  const commits = scrape(repository);
  const path = join(folder, "commits.jsonl");
  await writeHistory(path, commits);
  const options = {
    ...defaultChunkOptions,
    commits: path,
    repo: repository.path,
    output: join(folder, "out", "chunks.jsonl"),
  };
  return { folder, path, options };
}

describe("stage", () => {
  it("writes chunks and statistics that follow their schemas, the same ones each time", async () => {
    const { folder, options } = await prepare();
    const progress: Progress[] = [];
    const summary = await stage.run(options, { onProgress: (event) => progress.push(event) });
    expect(summary).toEqual({
      commits: 3,
      files: 4,
      chunks: 4,
      skipped_files: 0,
      degraded_files: 0,
    });
    const chunks = [];
    for await (const chunk of readJsonl(options.output, ChunkSchema)) chunks.push(chunk);
    const numbers = chunks.map((chunk) => chunk.chunk_id.replace(/^[0-9a-f]{12}_/, ""));
    expect(numbers).toEqual(["0", "1", "0", "0"]);
    const [, stats] = stage.outputs(options);
    const written: ChunkingStats = await readJsonFile(stats ?? "", ChunkingStatsSchema);
    expect(written).toMatchObject({ chunks: 4, by_op: { added: 3, removed: 1 } });
    expect(progress[0]).toMatchObject({ stage: "semantic-chunker", done: 0, total: 3 });
    expect(progress.at(-1)).toMatchObject({ done: 3, unit: "commits", detail: { chunks: 4 } });

    const again = { ...options, output: join(folder, "again", "chunks.jsonl") };
    await stage.run(again, {});
    for (const [index, path] of stage.outputs(options).entries()) {
      expect(readFileSync(stage.outputs(again)[index] ?? "")).toEqual(readFileSync(path));
    }
  });

  it.each([
    ["a line cut off at the end", (text: string) => text.slice(0, -50), "E_TRUNCATED", "line 3"],
    ["a line that is not JSON", (text: string) => text.replace("{", "["), "E_INPUT", "line 1"],
    [
      "a record without its fields",
      (text: string) => text.replace('"tree_hash"', '"x"'),
      "E_INPUT",
      "line 1",
    ],
    [
      "a missing line",
      (text: string) => `${text.split("\n").slice(0, 2).join("\n")}\n`,
      "E_TRUNCATED",
      "2 commits",
    ],
    [
      "another schema version",
      (text: string) => text.replaceAll('"1.0.0"', '"2.0.0"'),
      "E_SCHEMA_VERSION",
      "2.0.0",
    ],
  ])("refuses %s and leaves no file", async (_, damage, code, message) => {
    const { folder, path, options } = await prepare();
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    const error = await stage.run(options, {}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  it("names what does not exist", async () => {
    const { folder, options } = await prepare();
    const absent = join(folder, "absent");
    await expect(stage.run({ ...options, commits: absent }, {})).rejects.toMatchObject({
      code: "E_NOT_FOUND",
      message: expect.stringContaining(absent),
    });
    await expect(stage.run({ ...options, repo: absent }, {})).rejects.toMatchObject({
      code: "E_NOT_FOUND",
    });
    mkdirSync(absent);
    await expect(stage.run({ ...options, repo: absent }, {})).rejects.toMatchObject({
      code: "E_NOT_A_REPOSITORY",
    });
  });

  it("says when it cannot write", async () => {
    const { path, options } = await prepare();
    const output = join(path, "chunks.jsonl"); // Below a file, where no folder can be.
    await expect(stage.run({ ...options, output }, {})).rejects.toMatchObject({
      code: "E_OUTPUT",
      message: expect.stringContaining(output),
    });
  });

  it("stops when it is told to, and leaves no file", async () => {
    const { folder, options } = await prepare();
    const abort = new AbortController();
    const onProgress = ({ done }: Progress) => done === 1 && abort.abort();
    const error = await stage
      .run(options, { signal: abort.signal, onProgress })
      .catch((thrown: unknown) => thrown);
    expect(isStageError(error) && error.code).toBe("E_INTERRUPTED");
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });
});
