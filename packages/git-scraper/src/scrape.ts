import { openRepository, type Repository } from "@repotune/git";
import {
  type Commit,
  type CommitsMetadata,
  type Person,
  type StageContext,
  StageError,
  throwIfAborted,
} from "@repotune/schema";
import { now } from "./clock.ts";
import { CommitAssembler } from "./commit/commit-assembler.ts";
import {
  type CommitLabels,
  type CommitRecord,
  completeLabels,
  toCommit,
} from "./commit/commit-record.ts";
import { DiffPool } from "./diff/diff-pool.ts";
import { DiffRequests } from "./diff/request.ts";
import { HistoryFacts, rememberedOf } from "./facts.ts";
import { compilePathFilter } from "./filter/path-filter.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { readCommitObjects } from "./history/read-commit-objects.ts";
import { type History, readHistory } from "./history/read-history.ts";
import { RefLabels } from "./history/ref-labels.ts";
import { parseRefSelection } from "./history/ref-selection.ts";
import { listRefs, type Refs } from "./history/refs.ts";
import { MergeDetails } from "./merge/merge-details.ts";
import { noticesOf } from "./notices.ts";
import { type ResolvedOptions, resolveOptions, type ScrapeOptions } from "./options.ts";
import { Selection } from "./selection.ts";
import type { RememberedCommit } from "./state/state-file.ts";

/** A commit that was read, and what to remember of it. */
export interface ScrapedCommit {
  /** undefined if a filter left nothing of it. */
  record: CommitRecord | undefined;
  labels: Pick<CommitLabels, "branches" | "tags">;
  remembered: RememberedCommit;
}

interface Parts {
  repository: Repository;
  refs: Refs;
  history: History;
  selection: Selection;
  options: ResolvedOptions;
  context: StageContext;
}

/** A history opened for reading. */
export class Scrape {
  /** What is known of the commits read so far. */
  readonly facts: HistoryFacts;
  readonly #parts: Parts;
  readonly #labels: RefLabels;
  #boundaryCommits = 0;

  private constructor(parts: Parts, facts: HistoryFacts) {
    const { refs, history } = parts;
    this.#parts = parts;
    this.#labels = new RefLabels(refs, history.graph);
    this.facts = facts;
    for (const { child, parent } of history.missingParents) {
      const reason = "The parent is missing or damaged; it is left out.";
      this.facts.fail({ commit_hash: child, object: parent, filename: null, reason });
    }
  }

  /**
   * Opens the repository at `path` and lists its commits.
   *
   * @throws {StageError} as `openRepository` of `@repotune/git`; `E_TOO_SMALL` for a history
   *   without commits, or if filters leave none; `E_USAGE` and `E_NOT_FOUND` for options.
   */
  static async open(
    path: string,
    given: ScrapeOptions = {},
    context: StageContext = {},
  ): Promise<Scrape> {
    const options = resolveOptions(given);
    const scope = parseRefSelection(options.refs);
    const { alternates } = options;
    const repository = await openRepository(path, { signal: context.signal, alternates });
    try {
      const refs = await listRefs(repository, scope);
      const history = await readHistory(repository, refs, {
        firstParent: scope.firstParent,
        onProgress: (done) =>
          context.onProgress?.({ stage: "git-scraper", done, unit: "commits found" }),
      });
      if (history.graph.size === 0 || history.missingParents.length > 0) {
        await repository.assertThere();
      }
      if (history.graph.size === 0) {
        throw new StageError("E_TOO_SMALL", `The repository ${repository.path} has no commits.`, {
          hint:
            repository.borrowsFrom.length > 0
              ? "It borrows its objects from another repository: read them by --alternates."
              : "Commit something first, or follow more refs (--refs all).",
        });
      }
      const { graph } = history;
      const facts = new HistoryFacts(repository, graph);
      const selection = await Selection.make({ repository, graph, options, context, facts });
      return new Scrape({ repository, refs, history, selection, options, context }, facts);
    } catch (error) {
      await repository.close();
      throw error;
    }
  }

  /** Commits that are to be read. */
  get total(): number {
    return this.#parts.selection.positions.length;
  }

  /** The refs that are followed, with the commits they lead to. */
  get refs(): [string, string][] {
    const { refs, head } = this.#parts.refs;
    return [
      ...refs.map(({ name, commit }): [string, string] => [name, commit]),
      ...(head === undefined ? [] : [["HEAD", head] as [string, string]]),
    ];
  }

  /** Whether a commit is part of a branch, by its full ref; undefined for other refs. */
  isPartOf(commit: string, ref: string): boolean | undefined {
    const index = this.#parts.history.graph.indexOf(commit);
    return this.#labels.isOnBranch(index, ref);
  }

  /**
   * Every commit, oldest first, read at the pace at which they are taken. To be called once; close
   * the scrape afterwards.
   */
  async *commits(): AsyncGenerator<Commit> {
    const canonical = await this.canonicalAuthors();
    for await (const { record, labels } of this.records()) {
      if (record) yield toCommit(record, completeLabels(labels, record, canonical));
    }
  }

  /** Every commit that the facts do not have yet, in bytes; the facts have them afterwards. */
  async *records(): AsyncGenerator<ScrapedCommit> {
    const { repository, history, selection, options, context } = this.#parts;
    const { graph } = history;
    const { facts, total } = this;
    const isKept = compilePathFilter(options);
    const { positions } = selection;
    const wanted =
      facts.done === 0 ? positions : positions.filter((index) => !facts.has(graph.id(index)));
    const merges = options.mergeDetails
      ? await MergeDetails.open(repository, graph, wanted, facts.seconds)
      : undefined;
    const requests = new DiffRequests(graph, wanted, options.mergeDiffs);
    const pool = new DiffPool(repository, requests, options);
    const assembler = new CommitAssembler(graph, {
      seconds: facts.seconds,
      binaryBlobs: facts.binaryBlobs,
      unreadableBlobs: pool.unreadable.blobs,
      isKept,
      maxFiles: options.maxFiles,
      people: selection.pseudonyms,
    });
    try {
      let done = total - wanted.length;
      for await (const lot of readCommitObjects(repository, graph, wanted, context.signal)) {
        for (const { position, object } of lot) {
          throwIfAborted(context.signal);
          const changes = await pool.take();
          const hash = graph.id(position);
          if (object) {
            const commit = assembler.assemble(position, object, changes, facts.lines);
            if (commit.failures.length > 0) await repository.assertThere();
            const context = commit.record?.fields.context;
            if (merges && context?.is_merge) Object.assign(context, await merges.of(position));
            const remembered = rememberedOf(commit);
            facts.add(remembered);
            if (context?.is_boundary) this.#boundaryCommits += 1;
            const branches = this.#labels.branches(position);
            const labels = { branches, tags: this.#labels.tags(hash) };
            yield { record: commit.record, labels, remembered };
          } else {
            await repository.assertThere();
            const reason = "The commit is missing or damaged; it is left out.";
            facts.fail({ commit_hash: hash, object: hash, filename: null, reason });
          }
          done += 1;
          this.#report(done);
        }
      }
      const { refs } = this.#parts;
      const boundaryCommits = this.#boundaryCommits;
      for (const notice of noticesOf({ repository, refs, facts, boundaryCommits })) {
        context.onNotice?.(notice);
      }
    } finally {
      await pool.close();
      await merges?.close();
    }
  }

  /** Authors whom the repository's `.mailmap` names otherwise, by their key. */
  canonicalAuthors(): Promise<Map<string, Person>> {
    return this.#parts.selection.canonicalAuthors();
  }

  /** The `repositoryFingerprint` of what is read. */
  fingerprint(): Promise<string> {
    return fingerprintOf(this.#parts.repository);
  }

  /** Facts about the history as a whole; complete once every commit was read. */
  metadata(): CommitsMetadata {
    const { repository, options } = this.#parts;
    const branches = this.#labels.allBranches.map(({ branch_name }) => branch_name);
    return {
      scrape_timestamp: now(),
      repository: repository.name,
      ...this.facts.totals(),
      unique_branches: branches.length,
      branches,
      refs_scope: options.refs,
      is_shallow: repository.isShallow,
      filtered: this.facts.filtered,
      failures: this.facts.failures,
    };
  }

  /** Tables about the history as a whole. */
  stats(canonical: ReadonlyMap<string, Person>): ReturnType<HistoryFacts["stats"]> {
    const { refs, options } = this.#parts;
    return this.facts.stats(canonical, refs.head, options.mergeDiffs === "first-parent");
  }

  /** Branches, tags and canonical authors of the commits that have a line. */
  lineage(canonical: ReadonlyMap<string, Person>): ReturnType<HistoryFacts["lineage"]> {
    return this.facts.lineage(this.#labels, canonical);
  }

  /** Ends all processes and removes what is temporary. */
  close(): Promise<void> {
    return this.#parts.repository.close();
  }

  #report(done: number): void {
    const { total } = this;
    this.#parts.context.onProgress?.({ stage: "git-scraper", done, total, unit: "commits" });
  }
}
