import { spawnSync } from "node:child_process";
import { join } from "node:path";
import {
  type Chunk,
  type ChunkingStats,
  ChunkingStatsSchema,
  ChunkSchema,
  type Commit,
  readJsonFile,
  readJsonl,
} from "@repotune/schema";
import type { TestRepository } from "@repotune/test-kit/git";
import { temporaryFolder } from "@repotune/test-kit/temporary-folder";
import { type ChunkOptions, defaultChunkOptions, stage } from "../src/index.ts";
import { scrape } from "./history.ts";
import { writeHistory } from "./write-history.ts";

const CHECK = join(import.meta.dirname, "..", "check", "completeness.mjs");

/** What `check/completeness.mjs` says of a `chunks.jsonl`. */
export function judge(output: string, repository: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHECK, output, repository], {
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

/** Runs the stage on a repository's history, and has plain git judge what it wrote. */
export async function runAndJudge(
  repository: TestRepository,
  options: Partial<ChunkOptions> = {},
  history: Commit[] = scrape(repository),
): Promise<{
  output: string;
  chunks: Chunk[];
  stats: ChunkingStats;
  verdict: ReturnType<typeof judge>;
}> {
  const folder = temporaryFolder();
  const commits = join(folder, "commits.jsonl");
  await writeHistory(commits, history);
  const output = join(folder, "chunks.jsonl");
  const repo = repository.path;
  await stage.run({ ...defaultChunkOptions, ...options, commits, repo, output }, {});
  const chunks: Chunk[] = [];
  for await (const chunk of readJsonl(output, ChunkSchema)) chunks.push(chunk);
  const stats = await readJsonFile(join(folder, "chunking_stats.json"), ChunkingStatsSchema);
  return { output, chunks, stats, verdict: judge(output, repo) };
}
