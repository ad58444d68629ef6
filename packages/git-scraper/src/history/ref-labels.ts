import type { Commit } from "@repotune/schema";
import { BranchSets } from "./branch-sets.ts";
import type { CommitGraph } from "./commit-graph.ts";
import type { Refs } from "./refs.ts";

const HEADS = "refs/heads/";
const REMOTES = "refs/remotes/";
const TAGS = "refs/tags/";

/** `refs/remotes/<remote>/HEAD` says which of the remote's branches is its first; it is none. */
const isRemoteHead = (name: string) => /^refs\/remotes\/[^/]+\/HEAD$/.test(name);

/** Which branches contain a commit, and which tags stand on it. */
export class RefLabels {
  /** All branches, in git's order of refs. */
  readonly branchNames: string[];
  readonly #sets: BranchSets;
  readonly #branches: Commit["branches"];
  /** Branch lists by set; commits of one set share one list. */
  readonly #lists: (Commit["branches"] | undefined)[] = [];
  readonly #tags = new Map<string, string[]>();

  constructor({ refs, currentBranch }: Refs, graph: CommitGraph) {
    const branches = refs.filter(({ name, commit }) => {
      const isBranch = name.startsWith(HEADS) || (name.startsWith(REMOTES) && !isRemoteHead(name));
      return isBranch && graph.indexOf(commit) >= 0;
    });
    this.#branches = branches.map(({ name }) => ({
      branch_name: name.slice(name.startsWith(HEADS) ? HEADS.length : REMOTES.length),
      is_current: name === currentBranch,
      is_remote: name.startsWith(REMOTES),
    }));
    this.branchNames = this.#branches.map((branch) => branch.branch_name);
    const tips = branches.map(({ commit }) => graph.indexOf(commit));
    this.#sets = new BranchSets(graph, tips);
    for (const { name, commit } of refs) {
      if (!name.startsWith(TAGS)) continue;
      const tags = this.#tags.get(commit) ?? [];
      tags.push(name.slice(TAGS.length));
      this.#tags.set(commit, tags);
    }
  }

  /** Every branch that contains the commit at a position. Shared: do not change it. */
  branches(index: number): Commit["branches"] {
    const set = this.#sets.setOf(index);
    let list = this.#lists[set];
    if (!list) {
      list = this.#sets.members(set).flatMap((member) => this.#branches[member] ?? []);
      this.#lists[set] = list;
    }
    return list;
  }

  /** Tags on a commit. */
  tags(hash: string): string[] {
    return this.#tags.get(hash) ?? [];
  }
}
