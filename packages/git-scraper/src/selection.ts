import type { Repository } from "@repotune/git";
import { type Person, type StageContext, StageError } from "@repotune/schema";
import { type PeopleFilter, personOf } from "./commit/build-commit.ts";
import type { CommitObject } from "./commit/commit-object.ts";
import { messageDecoder } from "./commit/text.ts";
import type { HistoryFacts } from "./facts.ts";
import { compileCommitFilter } from "./filter/commit-filter.ts";
import { describeFilterReport } from "./filter/filter-report.ts";
import { selectCommits } from "./filter/select-commits.ts";
import type { CommitGraph } from "./history/commit-graph.ts";
import { isBot } from "./identity/bots.ts";
import { canonicalPeople } from "./identity/mailmap.ts";
import { personKey } from "./identity/person.ts";
import { Pseudonyms } from "./identity/pseudonyms.ts";
import type { ResolvedOptions } from "./options.ts";

interface Parts {
  repository: Repository;
  graph: CommitGraph;
  options: ResolvedOptions;
  context: StageContext;
  /** Learns what the filters leave out, and the dates of what was looked at. */
  facts: HistoryFacts;
}

/** Which commits of a history are read, and whose they are. */
export class Selection {
  readonly #parts: Parts;
  /** In the graph, ascending. */
  #positions: Int32Array;
  /** Authors and committers by key, once a pass over the commit objects has found them. */
  #people: Map<string, Person> | undefined;
  #pseudonyms: PeopleFilter | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#positions = parts.graph.positions();
  }

  /**
   * Applies filters and finds the people, where options ask for either.
   *
   * @throws {StageError} `E_TOO_SMALL` if nothing is left; `E_USAGE` for options.
   */
  static async make(parts: Parts): Promise<Selection> {
    const { graph, options, facts } = parts;
    const selection = new Selection(parts);
    const filter = compileCommitFilter(options, isBot);
    if (filter || options.salt !== undefined) await selection.#passOver(filter);
    if (selection.#positions.length === 0) {
      throw new StageError("E_TOO_SMALL", "The filters leave no commit.", {
        hint: `${describeFilterReport(facts.filtered)} The history has ${graph.size} in all.`,
      });
    }
    if (options.salt !== undefined) await selection.#hidePeople(options.salt);
    return selection;
  }

  /** Positions of the commits in the graph, ascending. */
  get positions(): Int32Array {
    return this.#positions;
  }

  /** Puts pseudonyms in the place of people; undefined if they are to stay. */
  get pseudonyms(): PeopleFilter | undefined {
    return this.#pseudonyms;
  }

  /** Authors whom the repository's `.mailmap` names otherwise, by their key. */
  async canonicalAuthors(): Promise<Map<string, Person>> {
    if (this.#pseudonyms) return new Map(); // They are canonical already.
    const { repository } = this.#parts;
    const canonical = await canonicalPeople(repository, () => this.#authors());
    await repository.assertThere(); // Else its mailmap may be gone with it.
    return canonical;
  }

  /** The authors of the commits, those that were read if all were. */
  async #authors(): Promise<readonly Person[]> {
    const { facts } = this.#parts;
    if (facts.done >= this.#positions.length) return facts.authors;
    if (!this.#people) await this.#passOver(undefined);
    return [...(this.#people ?? new Map<string, Person>()).values()];
  }

  async #hidePeople(salt: string): Promise<void> {
    const people = [...(this.#people ?? new Map<string, Person>()).values()];
    const canonical = await canonicalPeople(this.#parts.repository, () => people);
    const pseudonyms = new Pseudonyms(salt, [...people, ...canonical.values()]);
    this.#pseudonyms = {
      of: (person) => pseudonyms.of(canonical.get(personKey(person)) ?? person),
      scrub: (text) => pseudonyms.scrub(text),
    };
  }

  /** Looks at every commit object once, before any diff is made. */
  async #passOver(filter: ReturnType<typeof compileCommitFilter>): Promise<void> {
    const { repository, graph, context, facts } = this.#parts;
    const unit = "commits looked at";
    const people = new Map<string, Person>();
    const { selected, dropped } = await selectCommits(repository, graph, filter, {
      signal: context.signal,
      onProgress: (done) =>
        context.onProgress?.({ stage: "git-scraper", done, total: graph.size, unit }),
      visit: (position, commit) => {
        facts.seconds[position] = commit.committer.seconds ?? Number.NaN;
        for (const person of peopleOf(commit)) people.set(personKey(person), person);
      },
    });
    this.#positions = selected;
    this.#people = people;
    Object.assign(facts.filtered.commits, dropped);
  }
}

/** Author and committer of a commit. */
function peopleOf({ author, committer, encoding }: CommitObject): Person[] {
  const decode = messageDecoder(encoding);
  return [personOf(author, decode), personOf(committer, decode)];
}
