/** The branches that contain each commit and the tags on it, worked out beside git's own answer. */
export class Refs {
  #git;
  #branches;
  #sets;
  #positions;
  #tags = new Map();

  /**
   * @param ids of all commits, parents before children
   * @param parents of each
   */
  constructor(git, ids, parents) {
    this.#git = git;
    this.#positions = new Map(ids.map((id, index) => [id, index]));
    const head = git.run(["symbolic-ref", "--quiet", "HEAD"]).stdout.toString("latin1").trim();
    const refs = this.#list();
    this.#branches = refs
      .filter(({ name, symref, commit }) => isBranch(name, symref) && this.#positions.has(commit))
      .map(({ name, commit }) => ({ name, commit, is_current: name === head }));
    for (const { name, commit } of refs) {
      if (!name.startsWith("refs/tags/") || !this.#positions.has(commit)) continue;
      const tags = this.#tags.get(commit) ?? [];
      tags.push(text(name.slice("refs/tags/".length)));
      this.#tags.set(commit, tags);
    }
    this.#sets = this.#propagate(parents);
  }

  /** Names of all branches, in git's order. */
  get branchNames() {
    return this.#branches.map(({ name }) => shortName(name));
  }

  tags(id) {
    return this.#tags.get(id) ?? [];
  }

  /** The branches that contain the commit at a position, as records have them. */
  branches(position) {
    const set = this.#sets[position];
    return this.#branches
      .filter((_, index) => (set[index >> 5] >>> (index & 31)) & 1)
      .map(({ name, is_current }) => ({
        branch_name: shortName(name),
        is_current,
        is_remote: name.startsWith("refs/remotes/"),
      }));
  }

  /** git's own answer to the same question, by a process of its own. */
  containing(id) {
    const known = new Set(this.#branches.map(({ name }) => name));
    const args = [`--contains=${id}`, "--format=%(refname)", "refs/heads", "refs/remotes"];
    const names = this.#git.lines(["for-each-ref", ...args]);
    return names.filter((name) => known.has(name)).map(shortName);
  }

  #list() {
    const format = "--format=%(symref)%00%(refname)";
    const refs = this.#git.lines(["for-each-ref", format]).map((line) => line.split("\0"));
    const requests = refs.map(([, name]) => `${name}^{commit}\n`).join("");
    const args = ["cat-file", "--batch-check=%(objectname)"];
    const commits = this.#git.lines(args, Buffer.from(requests, "latin1"));
    return refs.map(([symref, name], index) => ({ symref, name, commit: commits[index] }));
  }

  #propagate(parents) {
    const words = Math.ceil(this.#branches.length / 32);
    const sets = parents.map(() => new Uint32Array(words));
    for (const [index, { commit }] of this.#branches.entries()) {
      sets[this.#positions.get(commit)][index >> 5] |= 1 << (index & 31);
    }
    for (let child = sets.length - 1; child >= 0; child -= 1) {
      for (const id of parents[child]) {
        const parent = sets[this.#positions.get(id)];
        for (let word = 0; word < words; word += 1) parent[word] |= sets[child][word];
      }
    }
    return sets;
  }
}

/** Symbolic refs, and the HEAD of a remote in whatever form, say which branch another is. */
const isBranch = (name, symref) =>
  symref === "" &&
  /^refs\/(heads|remotes)\//.test(name) &&
  !/^refs\/remotes\/[^/]+\/HEAD$/.test(name);

const text = (latin1) => Buffer.from(latin1, "latin1").toString();
const shortName = (name) => text(name.replace(/^refs\/(heads|remotes)\//, ""));
