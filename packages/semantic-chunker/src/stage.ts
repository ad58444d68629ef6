import { once } from "node:events";
import { dirname, join } from "node:path";
import {
  AtomicFile,
  type Chunk,
  type Commit,
  defineStage,
  findCommit,
  hashFile,
  producerOf,
  readCommits,
  readSidecar,
  recordedOptions,
  SCHEMA_VERSION,
  type StageContext,
  writeJsonFile,
} from "@repotune/schema";
import { type Static, Type } from "typebox";
import { chunkCommits } from "./chunk-commits.ts";
import { type ChunkOptions, ChunkOptionsSchema } from "./options.ts";
import { previewChunks } from "./preview/preview-chunks.ts";
import { Tally } from "./tally.ts";
import { withObjects } from "./with-objects.ts";

const producer = producerOf(import.meta.url);
const STAGE = "semantic-chunker";

const StageOptionsSchema = Type.Object({
  commits: Type.String({ default: "commits.jsonl", description: "history to cut" }),
  repo: Type.Optional(
    Type.String({ description: "repository to read files from; without it, patches must do" }),
  ),
  output: Type.String({ default: "chunks.jsonl", description: "file to write, or - for stdout" }),
  ...ChunkOptionsSchema.properties,
});

type StageOptions = Static<typeof StageOptionsSchema>;

/** `commits.jsonl` → `chunks.jsonl` and `chunking_stats.json`. */
export const stage = defineStage({
  producer,
  verb: "chunk",
  summary: "Cut the changes of a history into functions, types, tests, sections and the like.",
  options: StageOptionsSchema,
  incidental: ["commits", "output"],
  inputs: ({ commits }) => [commits],
  outputs: ({ output }) => (output === "-" ? ["-"] : [output, statsPath(output)]),
  async run(options, context) {
    const tally = new Tally();
    await withObjects(options.repo, context, async (objects) => {
      const commits = withProgress(readCommits(options.commits), options.commits, tally, context);
      const chunks = chunkCommits(commits, chunkOptions(options), {
        objects,
        tally,
        signal: context.signal,
      });
      await write(chunks, options.output);
    });
    const counts = tally.counts();
    if (options.output !== "-") {
      await writeJsonFile(statsPath(options.output), {
        schema_version: SCHEMA_VERSION,
        producer,
        options: recordedOptions({
          ...chunkOptions(options),
          source: options.repo ? "repository" : "patches",
        }),
        input_hash: await hashFile(options.commits),
        ...counts,
      });
    }
    const sum = (table: Record<string, number>) =>
      Object.values(table).reduce((total, count) => total + count, 0);
    return {
      commits: counts.commits,
      files: counts.files,
      chunks: counts.chunks,
      skipped_files: sum(counts.skipped_files),
      degraded_files: sum(counts.degraded_files),
    };
  },
  async *preview(revision, options, view, context) {
    const commit = await findCommit(options.commits, revision);
    yield* previewChunks(
      commit,
      { repo: options.repo, options: chunkOptions(options) },
      view,
      context,
    );
  },
});

const statsPath = (output: string) => join(dirname(output), "chunking_stats.json");

const chunkOptions = ({ commits: _, repo: __, output: ___, ...options }: StageOptions) =>
  options satisfies ChunkOptions;

async function* withProgress(
  commits: AsyncIterable<Commit>,
  path: string,
  tally: Tally,
  { onProgress }: StageContext,
): AsyncGenerator<Commit> {
  const total = (await readSidecar(path))?.metadata.total_commits;
  let done = 0;
  const report = () => {
    const { chunks } = tally.counts();
    onProgress?.({ stage: STAGE, done, total, unit: "commits", detail: { chunks } });
  };
  report();
  for await (const commit of commits) {
    yield commit;
    done += 1;
    report();
  }
}

async function write(chunks: AsyncIterable<Chunk>, output: string): Promise<void> {
  if (output === "-") {
    for await (const chunk of chunks) {
      if (!process.stdout.write(`${JSON.stringify(chunk)}\n`)) await once(process.stdout, "drain");
    }
    return;
  }
  const file = await AtomicFile.create(output);
  try {
    for await (const chunk of chunks) await file.write(`${JSON.stringify(chunk)}\n`);
  } catch (error) {
    await file.discard();
    throw error;
  }
  await file.commit();
}
