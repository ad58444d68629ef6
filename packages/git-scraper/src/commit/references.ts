import type { CommitGraph } from "../history/commit-graph.ts";

/** `#12`, `owner/name#12`, `GH-12`, or the address of an issue or pull request on GitHub. */
const issuePattern =
  /(?<![\w/&#-])(?:(?<repository>[\w.-]{1,100}\/[\w.-]{1,100})?#(?<number>\d{1,9})|GH-(?<gh>\d{1,9}))\b|https:\/\/github\.com\/(?<linked>[\w.-]{1,100}\/[\w.-]{1,100})\/(?:issues|pull)\/(?<linkedNumber>\d{1,9})/g;

/** Issues and pull requests that a message names, each once, in order of appearance. */
export function relatedIssues(message: string): string[] {
  if (!/#|GH-|github\.com/.test(message)) return []; // Looking for more than that takes ten times as long.
  const issues = new Set<string>();
  for (const { groups = {} } of message.matchAll(issuePattern)) {
    const number = groups.number ?? groups.gh ?? groups.linkedNumber;
    issues.add(`${groups.repository ?? groups.linked ?? ""}#${number}`);
  }
  return [...issues];
}

/** Seven digits is git's own least length of an abbreviated id. */
const commitPattern = /(?<![\w-])[0-9a-f]{7,64}(?![\w-])/g;

/** Finds earlier commits of a history by abbreviated ids. */
export class CommitFinder {
  readonly #graph: CommitGraph;
  /** Positions, ordered by the first 32 bits of their ids; made when first needed. */
  #order: Uint32Array | undefined;

  constructor(graph: CommitGraph) {
    this.#graph = graph;
  }

  /** Full ids of the commits before `index` that a message names, in order of appearance. */
  relatedCommits(message: string, index: number): string[] {
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
    const low = Number.parseInt(abbreviation.slice(0, 8).padEnd(8, "0"), 16);
    const high = Number.parseInt(abbreviation.slice(0, 8).padEnd(8, "f"), 16);
    let found = -1;
    for (let at = this.#lowerBound(this.#order, low); at < this.#order.length; at += 1) {
      const commit = this.#order[at] as number;
      if (this.#graph.prefix(commit) > high) break;
      if (commit >= index || !this.#graph.id(commit).startsWith(abbreviation)) continue;
      if (found >= 0) return -1;
      found = commit;
    }
    return found;
  }

  #lowerBound(order: Uint32Array, prefix: number): number {
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#graph.prefix(order[middle] as number) < prefix) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sorted(): Uint32Array {
    const order = Uint32Array.from({ length: this.#graph.size }, (_, index) => index);
    return order.sort((a, b) => this.#graph.prefix(a) - this.#graph.prefix(b));
  }
}
