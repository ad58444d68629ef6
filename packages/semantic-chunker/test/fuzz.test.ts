import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { Chunk, Commit } from "@repotune/schema";
import { gitRepository } from "@repotune/test-kit/git";
import { seededRandom } from "@repotune/test-kit/random";
import { describe, expect, it } from "vitest";
import { languageOfFile } from "../src/files/file-language.ts";
import type { ChunkOptions } from "../src/index.ts";
import { chunkAll, expectComplete } from "./collect.ts";
import { scrape } from "./history.ts";
import { mutatedHistory } from "./mutated-history.ts";
import { SAMPLES, SOURCES } from "./samples.ts";

const INPUTS = Number(process.env.REPOTUNE_FUZZ_INPUTS ?? 300);
const SEED = Number(process.env.REPOTUNE_FUZZ_SEED ?? 1);
/** Files to mutate, of any language; without it, the samples of the tests. */
const FOLDER = process.env.REPOTUNE_FUZZ_FOLDER;

/** CPU time that a commit may take: for its start, and for each byte of its files. */
const FREE_MS = 3000;
const MS_PER_BYTE = 0.02;

const OPTIONS: Partial<ChunkOptions>[] = [
  {},
  { maxChunkTokens: 16 },
  { maxChunkTokens: 64, minChunkTokens: 0 },
];

/** Real inputs by extension. */
function corpus(): Map<string, Buffer[]> {
  const files: [name: string, text: string | Buffer][] = FOLDER
    ? readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name))])
    : [
        ...Object.entries(SAMPLES).map(([extension, { unit }]): [string, string] => [
          `x.${extension}`,
          [unit("first"), unit("second"), unit("third")].join("\n"),
        ]),
        ...["py", "ts", "go", "java", "cpp", "sh"].map((extension, index): [string, string] => [
          `y.${extension}`,
          SOURCES[index] as string,
        ]),
      ];
  const byExtension = new Map<string, Buffer[]>();
  for (const [name, text] of files) {
    const extension = extname(name);
    byExtension.set(extension, [...(byExtension.get(extension) ?? []), Buffer.from(text)]);
  }
  return byExtension;
}

/** What a chunk says, without what it owes to the chunks before it. */
const alone = ({ duplicate_of: _, ...chunk }: Chunk) => chunk;

describe("mutated files", { timeout: 24 * 3_600_000 }, () => {
  it(`give each changed line to one chunk, in bounded time (${INPUTS}, seed ${SEED})`, async () => {
    const repository = gitRepository();
    repository.commit("Change");
    const template = scrape(repository)[0] as Commit;
    const inputs = corpus();
    const languages = [...inputs.keys()].map((extension) => languageOfFile(`x${extension}`));
    expect(new Set(languages).size).toBeGreaterThanOrEqual(12);
    const random = seededRandom(SEED);
    let slowest = 0;
    for (let mutations = 0; mutations < INPUTS; ) {
      const where = `mutation ${mutations} of seed ${SEED}`;
      const history = mutatedHistory(template, inputs, random);
      const { commits, blobs, bytes } = history;
      mutations += history.mutations;
      const options: Partial<ChunkOptions> = {
        ...OPTIONS[random.below(OPTIONS.length)],
        ...{ secrets: "keep", includeLicenceHeaders: true, maxPatchBytes: 64 << 20 },
        ...{ includeMinified: true, includeGenerated: true },
      };
      const objects = { read: async (id: string) => blobs.get(id) };
      const start = process.cpuUsage();
      const { chunks, counts } = await chunkAll(commits, options, objects).catch((error) => {
        throw new Error(where, { cause: error });
      });
      const { user, system } = process.cpuUsage(start);
      slowest = Math.max(slowest, (user + system) / 1000 / (FREE_MS + MS_PER_BYTE * bytes));
      expect(slowest, where).toBeLessThan(1);

      expectComplete(commits, chunks);
      expect(counts.degraded_files, where).not.toHaveProperty("blob_mismatch");
      const unchanged = commits.flatMap(({ diffs }) => diffs.filter(({ patch }) => patch === ""));
      const skipped = unchanged.length > 0 ? { no_text_change: unchanged.length } : {};
      expect(counts.skipped_files, where).toEqual(skipped);
      for (const { line_range, new_code } of chunks) {
        const [first = 1, last = 0] = line_range.new ?? [];
        const lines = new_code?.split("\n").length ?? 0;
        expect(lines, where).toBeLessThanOrEqual(Math.max(1, last - first + 1));
      }
      // Nothing depends on what was read before, on trees of earlier versions least of all.
      for (const commit of commits) {
        const own = chunks.filter((chunk) => chunk.commit_hash === commit.metadata.hash);
        const again = await chunkAll([commit], options, objects);
        expect(again.chunks.map(alone), where).toEqual(own.map(alone));
      }
    }
    const share = `${(100 * slowest).toFixed(0)} %`;
    if (FOLDER) console.log(`${INPUTS} mutations; the slowest took ${share} of its time`);
  });
});
