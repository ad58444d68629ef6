import { type Chunk, type Commit, type Diff, throwIfAborted } from "@repotune/schema";
import { claimOf } from "./classify/message-claim.ts";
import { rowsByChange } from "./emit/change-rows.ts";
import { chunksOfFile, type Draft, type FileContext } from "./emit/chunk-of.ts";
import { relatedFiles } from "./emit/related-files.ts";
import { AttributeIndex } from "./files/attribute-index.ts";
import { Hygiene } from "./hygiene/hygiene.ts";
import { type LinkedFiles, LinkIndex } from "./links/link-index.ts";
import { expectFiles, loadFileChange } from "./load-file-change.ts";
import type { FileChange } from "./match/file-change.ts";
import { matchFiles } from "./match/match-files.ts";
import type { UnitChange } from "./match/unit-change.ts";
import { ModuleIndex } from "./modules/module-index.ts";
import type { ObjectSource } from "./object-source.ts";
import { BYTES_PER_TOKEN, type ChunkOptions, defaultChunkOptions } from "./options.ts";
import { HistoryTexts } from "./source/history-texts.ts";
import { SideLoader } from "./source/side-loader.ts";
import { TreeReader } from "./source/tree-reader.ts";
import { Tally } from "./tally.ts";
import { commitTask } from "./task/commit-task.ts";
import type { LeftOut } from "./task/left-out.ts";

/**
 * Length of patches, in UTF-16 units, that are matched together. A larger commit is matched in
 * several batches of neighbouring files, so that memory stays bounded; a unit moved from one batch
 * to another then counts as removed and added.
 */
const BATCH_LENGTH = 16 << 20;

/** Files of a commit that are read at once: few, for each may be as long as git objects get. */
const READ_AHEAD = 4;

export interface ChunkContext {
  /** Where files come from; without it, chunks are cut from the patches alone. */
  objects?: ObjectSource | undefined;
  /** Counts along. */
  tally?: Tally | undefined;
  /** Told of each file's change that gives no chunk, or that is cut by hunk for want of a parse. */
  onUncut?: ((change: UncutChange) => void) | undefined;
  /**
   * What may be kept of files for their next versions, as estimated; the chunks are the same with
   * whatever number.
   *
   * @default 67108864 (64 MiB)
   */
  cacheBytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A file's change that is not cut by syntax though it could be, and why. */
export interface UncutChange {
  diff: Diff;
  /** `degraded`: cut by hunk. */
  outcome: "skipped" | "degraded";
  reason: string;
}

/**
 * Cuts the changes of a history into semantic units.
 *
 * Every changed line of every file that is not skipped is in exactly one chunk. Chunks come in the
 * order of the commits, of each commit's files, and of the lines in a file. Secrets in them are masked,
 * unless `options.secrets` says otherwise; `"drop"` leaves out the chunks that hold any.
 *
 * @param commits in the order of the history.
 * @throws {StageError} `E_INTERRUPTED`; whatever `commits` or `context.objects` throw.
 */
export async function* chunkCommits(
  commits: AsyncIterable<Commit>,
  options: Partial<ChunkOptions> = {},
  { objects, tally = new Tally(), onUncut, cacheBytes, signal }: ChunkContext = {},
): AsyncGenerator<Chunk> {
  const settings = { ...defaultChunkOptions, ...options };
  const texts = objects ?? new HistoryTexts();
  const sides = new SideLoader(texts, cacheBytes);
  const trees = objects && new TreeReader(objects);
  const index = new AttributeIndex(trees);
  const loaders = { sides, modules: new ModuleIndex(trees), skip: settings };
  const links = new LinkIndex(trees);
  const hygiene = new Hygiene(settings, tally);
  const { maxChunkTokens, minChunkTokens } = settings;
  const limits = {
    maxBytes: maxChunkTokens * BYTES_PER_TOKEN,
    maxMergedBytes: Math.min(minChunkTokens, maxChunkTokens) * BYTES_PER_TOKEN,
  };
  for await (const commit of commits) {
    throwIfAborted(signal);
    const { diffs } = commit;
    tally.addCommit(diffs.length);
    loaders.modules.learn(commit);
    if (texts instanceof HistoryTexts) texts.learn(commit);
    const attributes = await index.at(commit);
    if (commit.metadata.is_merge && !settings.includeMerges) {
      tally.addSkipped("merge", diffs.length);
      for (const diff of diffs) onUncut?.({ diff, outcome: "skipped", reason: "merge" });
      continue;
    }
    let count = 0;
    const leftOut: LeftOut[] = [];
    let task: string | undefined;
    let batch: { file: FileChange; position: number }[] = [];
    let batchLength = 0;
    for (const [position, diff] of diffs.entries()) {
      throwIfAborted(signal);
      if (position % READ_AHEAD === 0) {
        expectFiles(diffs.slice(position, position + READ_AHEAD), { ...loaders, attributes });
      }
      const loaded = await loadFileChange(commit, diff, { ...loaders, attributes });
      if ("skipped" in loaded) {
        tally.addSkipped(loaded.skipped);
        onUncut?.({ diff, outcome: "skipped", reason: loaded.skipped });
        leftOut.push({ diff, reason: loaded.skipped });
      } else {
        const reason = loaded.degraded;
        if (reason) {
          tally.addDegraded(reason);
          onUncut?.({ diff, outcome: "degraded", reason });
        }
        batch.push({ file: loaded.change, position });
        batchLength += diff.patch.length;
      }
      if (batchLength < BATCH_LENGTH && position < diffs.length - 1) continue;
      const files = batch.map(({ file }) => file);
      const linked = await links.follow(files, commit.metadata.tree_hash);
      const chunks: Chunk[] = [];
      for (const draft of chunkBatch(commit, batch, linked, limits)) {
        const chunk_id = `${commit.metadata.abbrev_hash}_${count}`;
        const { schema_version, ...rest } = draft;
        const chunk = hygiene.clean({ schema_version, chunk_id, ...rest });
        if (!chunk) continue;
        count += 1;
        chunks.push(chunk);
      }
      // Of a commit in several batches, the first has to tell: later ones are not there yet.
      task ??= commitTask(chunks, leftOut, diffs.length - 1 - position, hygiene);
      for (const chunk of chunks) {
        if (task !== "") chunk.commit_metadata.task = task;
        tally.addChunk(chunk);
        yield chunk;
      }
      batch = [];
      batchLength = 0;
    }
  }
}

/** Chunks of some files of a commit, by file and line. */
function* chunkBatch(
  commit: Commit,
  batch: { file: FileChange; position: number }[],
  linked: Map<FileChange, LinkedFiles>,
  limits: Pick<FileContext, "maxBytes" | "maxMergedBytes">,
): Generator<Draft> {
  const files = batch.map(({ file }) => file);
  const changes = matchFiles(files);
  const rows = rowsByChange(files);
  const byFile = new Map<FileChange, UnitChange[]>(files.map((file) => [file, []]));
  for (const change of changes) if (rows.has(change)) byFile.get(change.file)?.push(change);
  const claim = claimOf(commit);
  for (const { file, position } of batch) {
    const related = relatedFiles(commit, position);
    const linkedFiles = linked.get(file);
    const context = { commit, claim, relatedFiles: related, linkedFiles, ...limits };
    const placed = (byFile.get(file) ?? []).map((change) => {
      const place = rows.get(change)?.get(file)?.[0] ?? Number.MAX_SAFE_INTEGER;
      return { change, place };
    });
    const ordered = placed.sort((a, b) => a.place - b.place).map(({ change }) => change);
    yield* chunksOfFile(ordered, (change) => rows.get(change) ?? new Map(), context);
  }
}
