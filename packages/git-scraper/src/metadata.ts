import type { Commit, CommitsMetadata } from "@repotune/schema";

/** What could not be read of a history. */
export type ScrapeFailure = CommitsMetadata["failures"][number];

/** Adds up the facts about a whole history while its commits pass by. */
export class MetadataCollector {
  readonly #authors = new Set<string>();
  readonly #files = new Set<string>();
  /** What could not be read; filled by whoever reads. */
  failures: ScrapeFailure[] = [];
  #commits = 0;
  #merges = 0;
  #insertions = 0;
  #deletions = 0;
  #first: Commit["metadata"] | undefined;
  #last: Commit["metadata"] | undefined;

  add({ metadata, diffs }: Commit): void {
    this.#commits += 1;
    if (metadata.is_merge) this.#merges += 1;
    this.#insertions += metadata.insertions;
    this.#deletions += metadata.deletions;
    this.#authors.add(metadata.author_email);
    for (const { filename } of diffs) this.#files.add(filename);
    if (metadata.timestamp === null) return;
    const { timestamp_unix } = metadata;
    if (!this.#first || timestamp_unix < this.#first.timestamp_unix) this.#first = metadata;
    if (!this.#last || timestamp_unix >= this.#last.timestamp_unix) this.#last = metadata;
  }

  /** @param facts what the commits do not tell. */
  metadata(
    facts: Pick<
      CommitsMetadata,
      "scrape_timestamp" | "repository" | "branches" | "refs_scope" | "is_shallow"
    >,
  ): CommitsMetadata {
    return {
      scrape_timestamp: facts.scrape_timestamp,
      repository: facts.repository,
      total_commits: this.#commits,
      total_authors: this.#authors.size,
      merge_commits: this.#merges,
      total_files_touched: this.#files.size,
      unique_branches: facts.branches.length,
      branches: facts.branches,
      total_insertions: this.#insertions,
      total_deletions: this.#deletions,
      date_range: { first: this.#first?.timestamp ?? null, last: this.#last?.timestamp ?? null },
      refs_scope: facts.refs_scope,
      is_shallow: facts.is_shallow,
      failures: this.failures,
    };
  }
}
