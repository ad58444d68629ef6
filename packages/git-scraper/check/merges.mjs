/** Merge bases and conflicts, which a scrape may have worked out, beside git's own answers. */
export class Merges {
  #git;
  #asked;
  #merges = [];

  /** @param asked how many merges are repeated by git one by one, spread over the history. */
  constructor(git, asked) {
    this.#git = git;
    this.#asked = asked;
  }

  add({ metadata, context }) {
    const { hash, parents } = metadata;
    if (parents.length < 2) return;
    const { merge_base, conflicted_files } = context;
    this.#merges.push({ hash, parents, merge_base, conflicted_files });
  }

  compare(tally) {
    const step = Math.max(1, Math.floor(this.#merges.length / this.#asked));
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
      const { stdout } = this.#git.run(["merge-base", ...parents.slice(0, 2)]);
      tally.compare("merge_base", hash, merge_base, stdout.toString().trim() || null);
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
