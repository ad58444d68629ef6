import type { Chunk, ChunkingStats } from "@repotune/schema";

/** The counts of `chunking_stats.json`. */
export type ChunkingCounts = Pick<
  ChunkingStats,
  | "commits"
  | "files"
  | "chunks"
  | "by_op"
  | "by_change_type"
  | "by_language"
  | "skipped_files"
  | "degraded_files"
  | "hygiene"
>;

/** Counts what {@link chunkCommits} meets and gives. */
export class Tally {
  #commits = 0;
  #files = 0;
  #chunks = 0;
  readonly #ops = new Map<string, number>();
  readonly #changeTypes = new Map<string, number>();
  readonly #languages = new Map<string, number>();
  readonly #skipped = new Map<string, number>();
  readonly #degraded = new Map<string, number>();
  readonly #secrets = new Map<string, number>();
  #dropped = 0;
  #boilerplate = 0;
  #strippedHeaders = 0;
  #duplicates = 0;

  addCommit(files: number): void {
    this.#commits += 1;
    this.#files += files;
  }

  addSkipped(reason: string, files = 1): void {
    if (files > 0) increment(this.#skipped, reason, files);
  }

  addDegraded(reason: string): void {
    increment(this.#degraded, reason);
  }

  /** A chunk left out because of what these rules found in it. */
  addDropped(rules: Iterable<string>): void {
    this.#dropped += 1;
    for (const rule of rules) increment(this.#secrets, rule);
  }

  addChunk(chunk: Chunk): void {
    this.#chunks += 1;
    increment(this.#ops, chunk.op);
    increment(this.#changeTypes, chunk.change_type);
    increment(this.#languages, chunk.language);
    for (const rule of chunk.secrets ?? []) increment(this.#secrets, rule);
    if (chunk.is_boilerplate) this.#boilerplate += 1;
    if (chunk.header_lines) this.#strippedHeaders += 1;
    if (chunk.duplicate_of !== undefined) this.#duplicates += 1;
  }

  /** The counts so far, each table with its largest count first. */
  counts(): ChunkingCounts {
    return {
      commits: this.#commits,
      files: this.#files,
      chunks: this.#chunks,
      by_op: sorted(this.#ops),
      by_change_type: sorted(this.#changeTypes),
      by_language: sorted(this.#languages),
      skipped_files: sorted(this.#skipped),
      degraded_files: sorted(this.#degraded),
      hygiene: {
        secrets: sorted(this.#secrets),
        dropped_chunks: this.#dropped,
        boilerplate_chunks: this.#boilerplate,
        stripped_headers: this.#strippedHeaders,
        duplicate_chunks: this.#duplicates,
      },
    };
  }
}

function increment(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

const sorted = (counts: Map<string, number>) =>
  Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
