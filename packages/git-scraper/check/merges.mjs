/** Merges that are asked of git one by one, spread over the history. */
const ASKED = 200;

/** Merge bases and conflicts, which a scrape may have worked out, beside git's own answers. */
export class Merges {
  #git;
  #merges = [];

  constructor(git) {
    this.#git = git;
  }

  add({ metadata, context }) {
    const { hash, parents } = metadata;
    if (parents.length < 2) return;
    const { merge_base, conflicted_files } = context;
    this.#merges.push({ hash, parents, merge_base, conflicted_files });
  }

  compare(tally) {
    const step = Math.max(1, Math.floor(this.#merges.length / ASKED));
    const asked = this.#merges.filter((_, index) => index % step === 0);
    // If there is none at all, it was not asked for.
    if (this.#merges.some(({ merge_base }) => merge_base)) this.#compareBases(tally, asked);
    if (this.#merges.some(({ conflicted_files }) => conflicted_files?.length)) {
      this.#compareConflicts(
        tally,
        asked.filter(({ parents }) => parents.length === 2),
      );
    }
  }

  #compareBases(tally, asked) {
    for (const { hash, parents, merge_base } of asked) {
      const { stdout } = this.#git.run(["merge-base", "--all", ...parents.slice(0, 2)]);
      const bases = stdout.toString().split("\n").slice(0, -1);
      const isOne = bases.length === 0 ? merge_base === null : bases.includes(merge_base);
      tally.compare("merge_base", hash, isOne ? bases : merge_base, bases);
    }
  }

  #compareConflicts(tally, asked) {
    const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"];
    for (const { hash, parents, conflicted_files } of asked) {
      const { status, stdout } = this.#git.run([...args, ...parents], {
        env: this.#git.scratchStore,
      });
      if (status > 1) tally.skip("conflicted_files", "merges that git cannot repeat");
      else {
        const paths = stdout.toString().split("\0").slice(1, -1).filter(Boolean);
        tally.compare("conflicted_files", hash, conflicted_files, paths);
      }
    }
  }
}
