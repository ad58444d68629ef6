import type { Branch, Commit, CommitLine, Lineage } from "./commit.ts";
import { StageError } from "./error.ts";

/** Lists of branches that are kept at a time: neighbours in a history share them. */
const MAX_LISTS = 64;

const NO_REF = -1;

/** Completes the lines of a `commits.jsonl` from its lineage. */
export class LineageLabels {
  /** Lines that the lineage knows of. */
  readonly size: number;
  readonly #branches: readonly Branch[];
  readonly #sets: Lineage["sets"];
  /** Number of the set of each line. */
  readonly #setOf: Int32Array;
  readonly #lists = new Map<number, Branch[]>();
  readonly #tags: ReadonlyMap<number, string[]>;
  readonly #runs: Lineage["commits"];
  readonly #canonical: ReadonlyMap<string, Lineage["mailmap"][number]>;

  /**
   * @param path for messages.
   * @throws {StageError} `E_INPUT` if it refers to a set or a branch that it does not have.
   */
  constructor(lineage: Lineage, path: string) {
    checkSets(lineage, path);
    this.#branches = lineage.branches;
    this.#sets = lineage.sets;
    this.size = lineage.commits.reduce((sum, [, lines]) => sum + lines, 0);
    this.#setOf = new Int32Array(this.size);
    let line = 0;
    for (const [set, lines] of lineage.commits) {
      this.#setOf.fill(set, line, line + lines);
      line += lines;
    }
    this.#tags = new Map(lineage.tags);
    this.#runs = lineage.commits;
    this.#canonical = new Map(
      lineage.mailmap.map((entry) => [personKey(entry.author, entry.author_email), entry]),
    );
  }

  /**
   * The whole commit of a line.
   *
   * @param position of the line, from 0.
   * @param number that the commit is to have.
   * @returns undefined if no ref leads to it any more.
   */
  complete(line: CommitLine, position: number, number: number): Commit | undefined {
    const set = this.#setOf[position];
    if (set === undefined || set === NO_REF) return undefined;
    const { author, author_email } = line.metadata;
    const canonical = this.#canonical.get(personKey(author, author_email));
    const tags = this.#tags.get(position) ?? [];
    return {
      schema_version: line.schema_version,
      commit_number: number,
      metadata: {
        ...line.metadata,
        canonical_author: canonical?.canonical_author ?? author,
        canonical_author_email: canonical?.canonical_author_email ?? author_email,
      },
      branches: this.#branchesOf(set),
      tags,
      context: { ...line.context, has_tags: tags.length > 0 },
      diffs: line.diffs,
    };
  }

  /** Whether a ref leads to the commit of a line. */
  isReached(position: number): boolean {
    return (this.#setOf[position] ?? NO_REF) !== NO_REF;
  }

  /** Branches and tags. */
  get names(): string[] {
    return [
      ...this.#branches.map(({ branch_name }) => branch_name),
      ...[...this.#tags.values()].flat(),
    ];
  }

  /**
   * Line of the commit that a name stands for; undefined for a name that it does not know.
   *
   * @param name of a tag or a branch, as git takes it, or `HEAD`.
   */
  positionOf(name: string): number | undefined {
    const short = shortRef(name);
    for (const [position, tags] of this.#tags) if (tags.includes(short)) return position;
    const isNamed = ({ branch_name, is_current }: Branch) =>
      name === "HEAD" ? is_current : branch_name === short;
    const branch = this.#branches.findIndex(isNamed);
    // A history that was scraped from HEAD alone has no branches, and ends with it.
    const isHeadAlone = name === "HEAD" && this.#branches.length === 0;
    if (branch < 0 && !isHeadAlone) return undefined;
    // A branch's own commit comes behind all others that are part of it.
    let end = this.size;
    for (const [set, lines] of this.#runs.toReversed()) {
      if (set !== NO_REF && (isHeadAlone || setMembers(this.#sets, set).has(branch)))
        return end - 1;
      end -= lines;
    }
    return undefined;
  }

  #branchesOf(set: number): Branch[] {
    let list = this.#lists.get(set);
    if (!list) {
      const members = setMembers(this.#sets, set);
      list = this.#branches.filter((_, branch) => members.has(branch));
      const [oldest] = this.#lists.keys();
      if (oldest !== undefined && this.#lists.size >= MAX_LISTS) this.#lists.delete(oldest);
      this.#lists.set(set, list);
    }
    return list;
  }
}

/** A branch's or tag's name without what tells the two apart. */
export const shortRef = (name: string): string =>
  name.replace(/^(refs\/)?(heads|remotes|tags)\//, "");

const personKey = (name: string, email: string) => `${name} <${email}>`;

/** Branches in a set: those of all sets that it is the union of, each looked at once. */
function setMembers(sets: Lineage["sets"], set: number): Set<number> {
  const members = new Set<number>();
  const seen = new Set([set]);
  for (const one of seen) {
    const definition = sets[one] ?? null;
    if (typeof definition === "number") members.add(definition);
    else if (definition) for (const part of definition) seen.add(part); // It is iterated over, too.
  }
  return members;
}

function checkSets({ branches, sets, commits }: Lineage, path: string): void {
  const fail = (what: string) => {
    throw new StageError("E_INPUT", `${path}: ${what}.`, { hint: "Scrape again." });
  };
  for (const [set, definition] of sets.entries()) {
    if (typeof definition === "number") {
      if (definition >= branches.length) fail(`set ${set} names branch ${definition}`);
    } else if (definition?.some((part) => part >= set)) fail(`set ${set} is made of later ones`);
  }
  for (const [set] of commits) if (set >= sets.length) fail(`there is no set ${set}`);
}
