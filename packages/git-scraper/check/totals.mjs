import { secondsOf } from "./headers.mjs";

/** Adds up what git said of every commit, to compare with the metadata of the whole. */
export class Totals {
  #commits = 0;
  #merges = 0;
  #insertions = 0;
  #deletions = 0;
  #authors = new Set();
  #files = new Set();
  #first;
  #last;

  /** @param metadata of the record, whose dates are compared by themselves */
  add(said, metadata, files) {
    this.#commits += 1;
    if (metadata.parents.length > 1) this.#merges += 1;
    this.#authors.add(said["%ae"]);
    for (const file of files) {
      this.#files.add(file.filename ?? Buffer.from(file.path, "latin1").toString());
      this.#insertions += file.additions;
      this.#deletions += file.deletions;
    }
    const seconds = secondsOf(said["%at"]);
    if (seconds === undefined) return;
    const date = { seconds, text: metadata.timestamp };
    if (!this.#first || date.seconds < this.#first.seconds) this.#first = date;
    if (!this.#last || date.seconds >= this.#last.seconds) this.#last = date;
  }

  compare(tally, metadata, branches) {
    const expected = {
      total_commits: this.#commits,
      total_authors: this.#authors.size,
      merge_commits: this.#merges,
      total_files_touched: this.#files.size,
      unique_branches: branches.length,
      branches,
      total_insertions: this.#insertions,
      total_deletions: this.#deletions,
      date_range: { first: this.#first?.text ?? null, last: this.#last?.text ?? null },
    };
    for (const [field, value] of Object.entries(expected)) {
      tally.compare(`metadata.${field}`, "the metadata", metadata[field], value);
    }
  }
}
