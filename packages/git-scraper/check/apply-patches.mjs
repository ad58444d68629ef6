import { join } from "node:path";

/**
 * Puts the patches of a commit through `git apply` on its parent's tree. Objects that this makes
 * go to a temporary store; binary files, whose patch holds only ids, git takes from the repository.
 */
export class PatchApplier {
  #git;
  #env;
  /** The tree that the index holds. */
  #tree;

  constructor(git) {
    this.#git = git;
    this.#env = { ...git.scratchStore, GIT_INDEX_FILE: join(git.scratch, "apply-index") };
  }

  /**
   * @param parentTree undefined for a root
   * @returns the tree that results and the one that should; or, in `refused`, why git cannot tell.
   */
  apply(parentTree, tree, patch) {
    const from = parentTree ?? "--empty";
    if (this.#tree !== from) {
      const read = this.#run(["read-tree", from]);
      if (read.status !== 0) return this.#refuse(`the parent's tree: ${read.stderr}`);
    }
    if (patch.length > 0) {
      const args = ["apply", "--cached", "--whitespace=nowarn", "-"];
      const applied = this.#run(args, patch);
      if (applied.status !== 0) {
        const failed = this.#refuse(applied.stderr.toString());
        return this.#run(["read-tree", tree]).status === 0
          ? { found: failed.refused, tree }
          : failed;
      }
    }
    const found = this.#write();
    this.#tree = found;
    if (found === tree) return { found, tree };
    // An index holds modes as they should be (never 100664); a tree in the wild need not.
    this.#tree = undefined;
    const files = this.#run(["ls-files", "--stage", "-z"]).stdout;
    const read = this.#run(["read-tree", tree]);
    if (read.status !== 0) return this.#refuse(`${read.stderr}`);
    const isEqual = files.equals(this.#run(["ls-files", "--stage", "-z"]).stdout);
    return { found: isEqual ? tree : found, tree };
  }

  #write() {
    return this.#run(["write-tree", "--missing-ok"]).stdout.toString().trim();
  }

  #refuse(reason) {
    this.#tree = undefined;
    return { refused: reason.trim() };
  }

  #run(args, input = "") {
    return this.#git.run(args, { input, env: this.#env });
  }
}
