import { ObjectReader, openRepository, type Repository } from "@repotune/git";
import {
  type Commit,
  type CommitsMetadata,
  type Person,
  type StageContext,
  StageError,
  throwIfAborted,
} from "@repotune/schema";
import { now } from "./clock.ts";
import { type PeopleFilter, personOf } from "./commit/build-commit.ts";
import { CommitAssembler } from "./commit/commit-assembler.ts";
import type { CommitObject } from "./commit/commit-object.ts";
import {
  type CommitLabels,
  type CommitRecord,
  completeLabels,
  toCommit,
} from "./commit/commit-record.ts";
import { messageDecoder } from "./commit/text.ts";
import { DiffPool } from "./diff/diff-pool.ts";
import { DiffRequests } from "./diff/request.ts";
import { type CommitFacts, factsOf, HistoryFacts } from "./facts.ts";
import { compileCommitFilter } from "./filter/commit-filter.ts";
import { describeFilterReport } from "./filter/filter-report.ts";
import { compilePathFilter } from "./filter/path-filter.ts";
import { selectCommits } from "./filter/select-commits.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type History, readHistory } from "./history/read-history.ts";
import { RefLabels } from "./history/ref-labels.ts";
import { parseRefSelection } from "./history/ref-selection.ts";
import { listRefs, type Refs } from "./history/refs.ts";
import { isBot } from "./identity/bots.ts";
import { canonicalPeople } from "./identity/mailmap.ts";
import { personKey } from "./identity/person.ts";
import { Pseudonyms } from "./identity/pseudonyms.ts";
import { MergeDetails } from "./merge/merge-details.ts";
import { noticesOf } from "./notices.ts";
import { type ResolvedOptions, resolveOptions, type ScrapeOptions } from "./options.ts";

/** Commit objects asked for ahead of their turn; they are small. */
const READ_AHEAD = 256;

/** A commit that was read, and what to remember of it. */
export interface ScrapedCommit {
  /** undefined if a filter left nothing of it. */
  record: CommitRecord | undefined;
  labels: Pick<CommitLabels, "branches" | "tags">;
  facts: CommitFacts;
}

interface Parts {
  repository: Repository;
  refs: Refs;
  history: History;
  options: ResolvedOptions;
  context: StageContext;
}

/** A history opened for reading. */
export class Scrape {
  /** What is known of the commits read so far. */
  readonly facts: HistoryFacts;
  readonly #parts: Parts;
  readonly #labels: RefLabels;
  /** Positions of the commits that filters keep. */
  #selected: Int32Array;
  /** Authors by key, once a pass over the commit objects has found them. */
  #people: Map<string, Person> | undefined;
  #pseudonyms: PeopleFilter | undefined;
  #boundaryCommits = 0;

  private constructor(parts: Parts) {
    const { repository, refs, history } = parts;
    this.#parts = parts;
    this.#labels = new RefLabels(refs, history.graph);
    this.#selected = Int32Array.from({ length: history.graph.size }, (_, index) => index);
    this.facts = new HistoryFacts(repository, history.graph);
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
    options: ScrapeOptions = {},
    context: StageContext = {},
  ): Promise<Scrape> {
    const resolved = resolveOptions(options);
    const selection = parseRefSelection(resolved.refs);
    const { alternates } = resolved;
    const repository = await openRepository(path, { signal: context.signal, alternates });
    try {
      const refs = await listRefs(repository, selection);
      const history = await readHistory(repository, refs, {
        firstParent: selection.firstParent,
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
      const scrape = new Scrape({ repository, refs, history, options: resolved, context });
      await scrape.#prepare();
      return scrape;
    } catch (error) {
      await repository.close();
      throw error;
    }
  }

  /** Commits that are to be read. */
  get total(): number {
    return this.#selected.length;
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
    const { repository, history, options, context } = this.#parts;
    const { graph } = history;
    const { facts } = this;
    const wanted = this.#selected.filter((index) => !facts.has(graph.id(index)));
    const before = this.total - wanted.length;
    const objects = ObjectReader.open(repository);
    const requests = new DiffRequests(graph, wanted, options.mergeDiffs);
    const pool = new DiffPool(repository, requests, options);
    const merges = options.mergeDetails
      ? await MergeDetails.open(repository, graph, wanted, facts.seconds)
      : undefined;
    const assembler = new CommitAssembler(graph, {
      seconds: facts.seconds,
      binaryBlobs: facts.binaryBlobs,
      unreadableBlobs: pool.unreadable.blobs,
      isKept: compilePathFilter(options),
      maxFiles: options.maxFiles,
      people: this.#pseudonyms,
    });
    try {
      const ahead: Promise<Buffer | undefined>[] = [];
      for (const [done, index] of wanted.entries()) {
        throwIfAborted(context.signal);
        // By halves, so that many are asked for at once: each write to a pipe is a system call.
        const isDue = ahead.length < READ_AHEAD / 2;
        while (isDue && ahead.length < READ_AHEAD && done + ahead.length < wanted.length) {
          const reading = objects.read(graph.id(wanted[done + ahead.length] as number));
          reading.catch(() => undefined); // It is awaited in its turn.
          ahead.push(reading);
        }
        const object = await ahead.shift();
        const changes = await pool.take();
        const hash = graph.id(index);
        if (object) {
          const commit = assembler.assemble(index, object, changes, facts.lines);
          if (commit.failures.length > 0) await repository.assertThere();
          const context = commit.record?.fields.context;
          if (merges && context?.is_merge) Object.assign(context, await merges.of(index));
          const known = factsOf(commit);
          facts.add(known);
          if (context?.is_boundary) this.#boundaryCommits += 1;
          const labels = { branches: this.#labels.branches(index), tags: this.#labels.tags(hash) };
          yield { record: commit.record, labels, facts: known };
        } else {
          await repository.assertThere();
          const reason = "The commit is missing or damaged; it is left out.";
          facts.fail({ commit_hash: hash, object: hash, filename: null, reason });
        }
        this.#report("commits", before + done + 1);
      }
      const { refs } = this.#parts;
      const boundaryCommits = this.#boundaryCommits;
      for (const notice of noticesOf({ repository, refs, facts, boundaryCommits })) {
        context.onNotice?.(notice);
      }
    } finally {
      await objects.close();
      await pool.close();
      await merges?.close();
    }
  }

  /** Authors whom the repository's `.mailmap` names otherwise, by their key. */
  async canonicalAuthors(): Promise<Map<string, Person>> {
    if (this.#pseudonyms) return new Map(); // They are canonical already.
    const canonical = await canonicalPeople(this.#parts.repository, () => this.#authors());
    await this.#parts.repository.assertThere(); // Else its mailmap may be gone with it.
    return canonical;
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

  /** Applies filters and finds the people, where options ask for either. */
  async #prepare(): Promise<void> {
    const { repository, history, options } = this.#parts;
    const filter = compileCommitFilter(options, isBot);
    if (filter || options.salt !== undefined) await this.#passOver(filter);
    if (this.#selected.length === 0) {
      throw new StageError("E_TOO_SMALL", "The filters leave no commit.", {
        hint: `${describeFilterReport(this.facts.filtered)} The history has ${history.graph.size} in all.`,
      });
    }
    if (options.salt === undefined) return;
    const people = [...(this.#people ?? new Map()).values()];
    const canonical = await canonicalPeople(repository, () => people);
    const pseudonyms = new Pseudonyms(options.salt, [...people, ...canonical.values()]);
    this.#pseudonyms = {
      of: (person) => pseudonyms.of(canonical.get(personKey(person)) ?? person),
      scrub: (text) => pseudonyms.scrub(text),
    };
  }

  /** Looks at every commit object once, before any diff is made. */
  async #passOver(filter: ReturnType<typeof compileCommitFilter>): Promise<void> {
    const { repository, history, context } = this.#parts;
    const people = new Map<string, Person>();
    const { selected, dropped } = await selectCommits(repository, history.graph, filter, {
      signal: context.signal,
      onProgress: (done) => this.#report("commits looked at", done, history.graph.size),
      visit: (position, commit) => {
        this.facts.seconds[position] = commit.committer.seconds ?? Number.NaN;
        for (const person of peopleOf(commit)) people.set(personKey(person), person);
      },
    });
    this.#selected = selected;
    this.#people = people;
    Object.assign(this.facts.filtered.commits, dropped);
  }

  /** The authors of the commits, those that were read if all were. */
  async #authors(): Promise<readonly Person[]> {
    if (this.facts.done >= this.total) return this.facts.authors;
    if (!this.#people) await this.#passOver(undefined);
    return [...(this.#people ?? new Map<string, Person>()).values()];
  }

  #report(unit: string, done: number, total = this.total): void {
    this.#parts.context.onProgress?.({ stage: "git-scraper", done, total, unit });
  }
}

/** Author and committer of a commit. */
function peopleOf({ author, committer, encoding }: CommitObject): Person[] {
  const decode = messageDecoder(encoding);
  return [personOf(author, decode), personOf(committer, decode)];
}
