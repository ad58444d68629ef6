import type { CommitGraph } from "../history/commit-graph.ts";

/** `#12`, `owner/name#12`, `GH-12`, or the address of an issue or pull request on GitHub. */
const issuePattern =
  /(?<![\w/&#-])(?:(?<repository>[\w.-]{1,100}\/[\w.-]{1,100})?#(?<number>\d{1,9})|GH-(?<gh>\d{1,9}))\b|https:\/\/github\.com\/(?<linked>[\w.-]{1,100}\/[\w.-]{1,100})\/(?:issues|pull)\/(?<linkedNumber>\d{1,9})/g;

/** Issues and pull requests that a message names, each once, in order of appearance. */
export function relatedIssues(message: string): string[] {
  if (!["#", "GH-", "github.com"].some((mark) => message.includes(mark))) return [];
  const issues = new Set<string>();
  for (const { groups = {} } of message.matchAll(issuePattern)) {
    const number = groups.number ?? groups.gh ?? groups.linkedNumber;
    issues.add(`${groups.repository ?? groups.linked ?? ""}#${number}`);
  }
  return [...issues];
}

/** Seven digits is git's own least length of an abbreviated id. */
const commitPattern = /(?<![\w-])[0-9a-f]{7,64}(?![\w-])/g;

/** Whether there is anything to look for, which is told much faster than whether it is an id. */
const digitsPattern = /[0-9a-f]{7}/;

/** More commits than any history has; with 28 bits of an id, a place fits in an exact double. */
const MAX_COMMITS = 2 ** 25;

/** Finds earlier commits of a history by abbreviated ids. */
export class CommitFinder {
  readonly #graph: CommitGraph;
  /** The first seven digits of each id and its position, in one number, ascending; made when first needed. */
  #order: Float64Array | undefined;

  constructor(graph: CommitGraph) {
    this.#graph = graph;
  }

  /** Full ids of the commits before `index` that a message names, in order of appearance. */
  relatedCommits(message: string, index: number): string[] {
    if (!digitsPattern.test(message)) return [];
    const found = new Set<string>();
    for (const [abbreviation] of message.matchAll(commitPattern)) {
      const commit = this.#find(abbreviation, index);
      if (commit >= 0) found.add(this.#graph.id(commit));
    }
    return [...found];
  }

  /** Position of the one commit before `index` whose id begins so, or -1. */
  #find(abbreviation: string, index: number): number {
    this.#order ??= this.#sorted();
    const digits = Number.parseInt(abbreviation.slice(0, 7), 16);
    let found = -1;
    for (let at = this.#lowerBound(this.#order, digits * MAX_COMMITS); ; at += 1) {
      const commit = (this.#order[at] ?? Number.POSITIVE_INFINITY) - digits * MAX_COMMITS;
      if (commit >= index) return found;
      if (!this.#graph.id(commit).startsWith(abbreviation)) continue;
      if (found >= 0) return -1;
      found = commit;
    }
  }

  #lowerBound(order: Float64Array, least: number): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((order[middle] as number) < least) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sorted(): Float64Array {
    const places = Float64Array.from(
      { length: this.#graph.size },
      (_, index) => (this.#graph.prefix(index) >>> 4) * MAX_COMMITS + index,
    );
    return places.sort(); // Without a comparison of ours, which takes twenty times as long.
  }
}
