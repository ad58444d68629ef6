import type { Branch, Lineage } from "@repotune/schema";
import { BranchSets } from "./branch-sets.ts";
import type { CommitGraph } from "./commit-graph.ts";
import type { Refs } from "./refs.ts";

const HEADS = "refs/heads/";
const REMOTES = "refs/remotes/";
const TAGS = "refs/tags/";

/** Lists of branches that are kept at a time: neighbours in a history share them. */
const MAX_LISTS = 64;

/** The number that a lineage gives in place of a set to a commit that no ref leads to. */
const NO_REF = -1;

/** `refs/remotes/<remote>/HEAD` says which of the remote's branches is its first; it is none. */
const isRemoteHead = (name: string) => /^refs\/remotes\/[^/]+\/HEAD$/.test(name);

/** Which branches contain a commit, and which tags stand on it. */
export class RefLabels {
  /** All branches, in git's order of refs. */
  readonly allBranches: Branch[];
  /** Their full names. */
  readonly #refs: string[];
  readonly #graph: CommitGraph;
  readonly #sets: BranchSets;
  /** Branch lists by set; commits of one set share one list. */
  readonly #lists = new Map<number, Branch[]>();
  readonly #tags = new Map<string, string[]>();

  constructor({ refs, currentBranch }: Refs, graph: CommitGraph) {
    const branches = refs.filter(({ name, commit }) => {
      const isBranch = name.startsWith(HEADS) || (name.startsWith(REMOTES) && !isRemoteHead(name));
      return isBranch && graph.indexOf(commit) >= 0;
    });
    this.allBranches = branches.map(({ name }) => ({
      branch_name: name.slice(name.startsWith(HEADS) ? HEADS.length : REMOTES.length),
      is_current: name === currentBranch,
      is_remote: name.startsWith(REMOTES),
    }));
    this.#refs = branches.map(({ name }) => name);
    const tips = branches.map(({ commit }) => graph.indexOf(commit));
    this.#graph = graph;
    this.#sets = new BranchSets(graph, tips);
    for (const { name, commit } of refs) {
      if (!name.startsWith(TAGS)) continue;
      const tags = this.#tags.get(commit) ?? [];
      tags.push(name.slice(TAGS.length));
      this.#tags.set(commit, tags);
    }
  }

  /** Every branch that contains the commit at a position. Shared: do not change it. */
  branches(index: number): Branch[] {
    const set = this.#sets.setOf(index);
    let list = this.#lists.get(set);
    if (!list) {
      list = this.#sets.members(set).flatMap((member) => this.allBranches[member] ?? []);
      const [oldest] = this.#lists.keys();
      if (oldest !== undefined && this.#lists.size >= MAX_LISTS) this.#lists.delete(oldest);
      this.#lists.set(set, list);
    }
    return list;
  }

  /**
   * Whether the commit at a position is part of a branch.
   *
   * @param index -1 for a commit outside the history, which is part of none.
   * @param ref full name.
   * @returns undefined if it is no branch of this history.
   */
  isOnBranch(index: number, ref: string): boolean | undefined {
    const branch = this.#refs.indexOf(ref);
    if (branch < 0) return undefined;
    return index >= 0 && this.#sets.members(this.#sets.setOf(index)).includes(branch);
  }

  /** Tags on a commit. */
  tags(hash: string): string[] {
    return this.#tags.get(hash) ?? [];
  }

  /**
   * Branches and tags of the commits of a file.
   *
   * @param hashes of its lines, in order; some may no longer be in the history.
   */
  lineage(hashes: Iterable<string>): Pick<Lineage, "branches" | "sets" | "commits" | "tags"> {
    const commits: Lineage["commits"] = [];
    const tags: Lineage["tags"] = [];
    let line = 0;
    for (const hash of hashes) {
      const index = this.#graph.indexOf(hash);
      const set = index < 0 ? NO_REF : this.#sets.setOf(index);
      const last = commits.at(-1);
      if (last?.[0] === set) last[1] += 1;
      else commits.push([set, 1]);
      const names = this.#tags.get(hash);
      if (names) tags.push([line, names]);
      line += 1;
    }
    return { branches: this.allBranches, sets: this.#sets.definitions, commits, tags };
  }
}
