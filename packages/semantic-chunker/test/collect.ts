import { ObjectReader, openRepository } from "@repotune/git";
import type { Chunk, Commit } from "@repotune/schema";
import type { TestRepository } from "@repotune/test-kit/git";
import { expect } from "vitest";
import { type ChunkingCounts, type ChunkOptions, chunkCommits, Tally } from "../src/index.ts";
import { changedLines, scrape, stream } from "./history.ts";

/** All chunks of a repository's history, and what was counted. */
export async function chunkRepository(
  repository: TestRepository,
  options: Partial<ChunkOptions> = {},
  commits = scrape(repository),
): Promise<{ chunks: Chunk[]; counts: ChunkingCounts; commits: Commit[] }> {
  const opened = await openRepository(repository.path);
  const objects = ObjectReader.open(opened);
  try {
    return await chunkAll(commits, options, objects);
  } finally {
    await objects.close();
    await opened.close();
  }
}

/** All chunks of some commits. */
export async function chunkAll(
  commits: Commit[],
  options: Partial<ChunkOptions> = {},
  objects?: { read(id: string): Promise<Buffer | undefined> },
): Promise<{ chunks: Chunk[]; counts: ChunkingCounts; commits: Commit[] }> {
  const tally = new Tally();
  const chunks: Chunk[] = [];
  for await (const chunk of chunkCommits(stream(commits), options, { objects, tally })) {
    chunks.push(chunk);
  }
  return { chunks, counts: tally.counts(), commits };
}

/**
 * Checks that each changed line of each file of each commit is in exactly one chunk.
 *
 * @param isSkipped says which files give no chunk.
 */
export function expectComplete(
  commits: Commit[],
  chunks: Chunk[],
  isSkipped: (filename: string) => boolean = () => false,
): void {
  for (const commit of commits) {
    const own = chunks.filter((chunk) => chunk.commit_hash === commit.metadata.hash);
    const expected = commit.diffs
      .filter((diff) => !isSkipped(diff.filename) && !commit.metadata.is_merge)
      .flatMap((diff) => changedLines(diff.patch));
    const found = own.flatMap((chunk) => changedLines(chunk.patch));
    expect(found.sort()).toEqual(expected.sort());
    for (const chunk of own) {
      const lines = changedLines(chunk.patch);
      expect(chunk.additions).toBe(lines.filter((line) => line.startsWith("+")).length);
      expect(chunk.deletions).toBe(lines.filter((line) => line.startsWith("-")).length);
    }
  }
}
