/** What is known about a repository before it is scraped. Keys are as printed with `--json`. */
export interface RepositoryAnalysis {
  /** Name of the repository's folder. */
  repository: string;
  /** Absolute path. */
  path: string;
  object_format: "sha1" | "sha256";
  /** Whether history is cut off somewhere. */
  is_shallow: boolean;
  /** Whether objects were left out when it was cloned. */
  is_partial: boolean;
  /** Branch that HEAD names; null if it names a commit. */
  default_branch: string | null;
  /** The selection of refs that was followed. */
  refs_scope: string;
  /** Refs followed, by kind. */
  refs: RefCounts;
  commits: number;
  merges: number;
  /** Commits without parents; a shallow clone's edge is among them. */
  roots: number;
  /** Distinct author e-mail addresses. */
  authors: number;
  /** Author dates, ISO 8601 with their own offsets; null where none is known. */
  date_range: { first: string | null; last: string | null };
  /** Commits that are missing or damaged, or lead to such. */
  missing_commits: number;
  object_store: ObjectStore;
  /** What a scrape is likely to take; null if no sampled commit could be read. */
  estimate: ScrapeEstimate | null;
}

export interface RefCounts {
  branches: number;
  remote_branches: number;
  tags: number;
  others: number;
}

/** How the objects are stored, in all folders the repository takes objects from. */
export interface ObjectStore {
  packs: number;
  pack_bytes: number;
  loose_objects: number;
}

/** An estimate from a sample of commits that were really diffed. */
export interface ScrapeEstimate {
  sampled_commits: number;
  /** Commits of the sample that could not be read, for missing objects. */
  unreadable_commits: number;
  /** Size of `commits.jsonl`, its branches aside. */
  output_bytes: Range;
  /** Wall time on this machine as it is now. */
  seconds: Range;
}

/** The truth lies between `low` and `high` in most repositories, not in all. */
export interface Range {
  low: number;
  expected: number;
  high: number;
}
