import type { LeakAudit, SplitSide } from "@repotune/schema";
import type { LineStore } from "../input/line-store.ts";
import { LineFilter } from "./line-filter.ts";
import { share } from "./share.ts";

/** A commit with so large a share of its added lines in train counts as mostly copied. */
const MOSTLY = 0.9;

/**
 * How many of the lines that the commits of the held-out sides add stand in train already.
 *
 * @param commits of each side.
 */
export function lineOverlap(
  lines: LineStore,
  commits: Record<SplitSide, readonly number[]>,
): LeakAudit["line_overlap"] {
  let total = 0;
  for (const commit of commits.train) total += lines.added(commit).length;
  const known = new LineFilter(total);
  for (const commit of commits.train) for (const line of lines.added(commit)) known.add(line);
  return {
    error_rate: Math.round(known.errorRate * 1e6) / 1e6,
    validation: overlapOf(lines, commits.validation, known),
    test: overlapOf(lines, commits.test, known),
  };
}

function overlapOf(lines: LineStore, commits: readonly number[], known: LineFilter) {
  let added = 0;
  let copied = 0;
  let mostlyCopied = 0;
  for (const commit of commits) {
    const own = lines.added(commit);
    let seen = 0;
    for (const line of own) if (known.has(line)) seen += 1;
    added += own.length;
    copied += seen;
    if (own.length > 0 && seen >= MOSTLY * own.length) mostlyCopied += 1;
  }
  return {
    added_lines: added,
    copied_lines: copied,
    novel_lines: added - copied,
    copied_share: share(copied, added),
    commits: commits.length,
    mostly_copied_commits: mostlyCopied,
  };
}
