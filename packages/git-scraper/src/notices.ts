import type { Repository } from "@repotune/git";
import type { HistoryFacts } from "./facts.ts";
import { describeFilterReport } from "./filter/filter-report.ts";
import type { Refs } from "./history/refs.ts";

/** What the user should know of a history that was read, as sentences. */
export function noticesOf({
  repository,
  refs,
  facts,
  boundaryCommits,
}: {
  repository: Repository;
  refs: Refs;
  facts: HistoryFacts;
  /** Commits whose parents are missing. */
  boundaryCommits: number;
}): string[] {
  const notices: string[] = [];
  if (repository.borrowsFrom.length > 0) {
    const lenders = repository.borrowsFrom.join(", ");
    const remedy = "they are not read. --alternates reads them too.";
    notices.push(`This repository borrows objects from ${lenders}; ${remedy}`);
  }
  if (refs.unmatched.length > 0) notices.push(`No ref matches ${refs.unmatched.join(", ")}.`);
  if (boundaryCommits > 0) {
    const whole = "each shows files as added, because parents are not there";
    notices.push(`Commits at the edge of the history: ${boundaryCommits}; ${whole}.`);
  }
  const { failures } = facts;
  if (failures.length > 0) {
    const commits = new Set(failures.map((failure) => failure.commit_hash)).size;
    const count = `${failures.length} failures in ${commits} commits`;
    const remedy = repository.isPartial
      ? " This is a partial clone: `git fetch --refetch --no-filter` gets the rest."
      : "";
    notices.push(`Missing or damaged objects: ${count}, listed in the metadata.${remedy}`);
  }
  const leftOut = describeFilterReport(facts.filtered);
  return leftOut === undefined ? notices : [...notices, leftOut];
}
