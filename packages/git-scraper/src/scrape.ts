import { ObjectReader, openRepository, type Repository } from "@repotune/git";
import {
  type Commit,
  type CommitsMetadata,
  type StageContext,
  StageError,
  throwIfAborted,
} from "@repotune/schema";
import { CommitAssembler } from "./commit/commit-assembler.ts";
import { DiffPool } from "./diff/diff-pool.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type History, readHistory } from "./history/read-history.ts";
import { RefLabels } from "./history/ref-labels.ts";
import { listRefs, type Refs } from "./history/refs.ts";
import { MetadataCollector } from "./metadata.ts";
import { type ResolvedOptions, resolveOptions, type ScrapeOptions } from "./options.ts";

/** Commit objects asked for ahead of their turn; they are small. */
const READ_AHEAD = 256;

/** A history opened for reading. */
export class Scrape {
  readonly #repository: Repository;
  readonly #history: History;
  readonly #options: ResolvedOptions;
  readonly #context: StageContext;
  readonly #labels: RefLabels;
  readonly #collector = new MetadataCollector();

  private constructor(
    repository: Repository,
    refs: Refs,
    history: History,
    options: ResolvedOptions,
    context: StageContext,
  ) {
    this.#repository = repository;
    this.#history = history;
    this.#options = options;
    this.#context = context;
    this.#labels = new RefLabels(refs, history.graph);
  }

  /**
   * Opens the repository at `path` and lists its commits.
   *
   * @throws {StageError} as `openRepository` of `@repotune/git`, and `E_TOO_SMALL` for a history
   *   without commits.
   */
  static async open(
    path: string,
    options: ScrapeOptions = {},
    context: StageContext = {},
  ): Promise<Scrape> {
    const repository = await openRepository(path, { signal: context.signal });
    try {
      const resolved = resolveOptions(options);
      const refs = await listRefs(repository, resolved.refs);
      const history = await readHistory(repository, refs);
      if (history.graph.size === 0) {
        throw new StageError("E_TOO_SMALL", `The repository ${repository.path} has no commits.`, {
          hint: "Commit something first, or follow more refs (--refs all).",
        });
      }
      return new Scrape(repository, refs, history, resolved, context);
    } catch (error) {
      await repository.close();
      throw error;
    }
  }

  /** Commits that the history has. */
  get total(): number {
    return this.#history.graph.size;
  }

  /**
   * Every commit, oldest first, read at the pace at which they are taken. To be called once; close
   * the scrape afterwards.
   */
  async *commits(): AsyncGenerator<Commit> {
    const { graph, missingParents } = this.#history;
    const { signal } = this.#context;
    const objects = ObjectReader.open(this.#repository);
    const pool = new DiffPool(this.#repository, graph, this.#options);
    const assembler = new CommitAssembler(graph, this.#labels, pool.unreadable);
    this.#collector.failures = assembler.failures;
    for (const edge of missingParents) assembler.failParent(edge);
    try {
      const ahead: Promise<Buffer | undefined>[] = [];
      for (let index = 0; index < graph.size; index += 1) {
        throwIfAborted(signal);
        // By halves, so that many are asked for at once: each write to a pipe is a system call.
        const isDue = ahead.length < READ_AHEAD / 2;
        while (isDue && ahead.length < READ_AHEAD && index + ahead.length < graph.size) {
          const reading = objects.read(graph.id(index + ahead.length));
          reading.catch(() => undefined); // It is awaited in its turn.
          ahead.push(reading);
        }
        const object = await ahead.shift();
        const commit = assembler.assemble(index, object, await pool.take());
        if (commit) {
          this.#collector.add(commit);
          yield commit;
        }
        this.#report(index + 1);
      }
      for (const notice of assembler.notices(this.#repository.isPartial)) {
        this.#context.onNotice?.(notice);
      }
    } finally {
      await objects.close();
      await pool.close();
    }
  }

  /** The `repositoryFingerprint` of what is read. */
  fingerprint(): Promise<string> {
    return fingerprintOf(this.#repository);
  }

  /** Facts about the history as a whole; complete once every commit was read. */
  metadata(): CommitsMetadata {
    return this.#collector.metadata({
      scrape_timestamp: now(),
      repository: this.#repository.name,
      branches: this.#labels.branchNames,
      refs_scope: this.#options.refs,
      is_shallow: this.#repository.isShallow,
    });
  }

  /** Ends all processes and removes what is temporary. */
  close(): Promise<void> {
    return this.#repository.close();
  }

  #report(done: number): void {
    const { onProgress } = this.#context;
    onProgress?.({ stage: "git-scraper", done, total: this.total, unit: "commits" });
  }
}

/** The one look at the clock; `SOURCE_DATE_EPOCH` (seconds) pins it for reproducible output. */
function now(): string {
  const pinned = process.env.SOURCE_DATE_EPOCH;
  const date = pinned && /^\d{1,12}$/.test(pinned) ? new Date(Number(pinned) * 1000) : new Date();
  return date.toISOString();
}
