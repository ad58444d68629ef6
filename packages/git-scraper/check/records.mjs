import { createReadStream, existsSync, readFileSync } from "node:fs";
import { split } from "./plain-git.mjs";

/** The records of a `commits.jsonl`, one at a time, as any reader of JSON sees them. */
export async function* records(path) {
  for await (const line of split(createReadStream(path), "\n")) yield JSON.parse(line);
}

/** What stands beside a `commits.jsonl`; undefined if it is not there. */
export function besides(path, kind) {
  const file = `${path.replace(/\.jsonl?$/, "")}.${kind}.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/**
 * What is known of commits beyond their own lines: branches, tags and mailmap. They stand on the
 * line, or, as they change later, in `commits.lineage.json`.
 */
export class Lineage {
  #file;
  #setOf = [];
  #members = [];
  #tags;
  #mailmap;

  /** @param file content of `commits.lineage.json`, or undefined */
  constructor(file) {
    this.#file = file;
    if (!file) return;
    for (const [set, run] of file.commits) for (let i = 0; i < run; i += 1) this.#setOf.push(set);
    for (const set of file.sets) {
      if (set === null) this.#members.push([]);
      else if (typeof set === "number") this.#members.push([set]);
      else {
        const [a, b] = set.map((earlier) => this.#members[earlier]);
        this.#members.push([...new Set([...a, ...b])].sort((x, y) => x - y));
      }
    }
    this.#tags = new Map(file.tags);
    this.#mailmap = new Map(
      file.mailmap.map((entry) => [`${entry.author}\0${entry.author_email}`, entry]),
    );
  }

  branches(commit) {
    if (commit.branches !== undefined || !this.#file) return commit.branches;
    return this.#members[this.#setOf[commit.commit_number]]?.map(
      (member) => this.#file.branches[member],
    );
  }

  tags(commit) {
    return commit.tags ?? this.#tags?.get(commit.commit_number) ?? [];
  }

  /** The author by the mailmap, as `Name <email>`; undefined where nobody says. */
  canonicalAuthor({ metadata }) {
    if (metadata.canonical_author !== undefined) {
      return `${metadata.canonical_author} <${metadata.canonical_author_email}>`;
    }
    if (!this.#mailmap) return undefined;
    const { author, author_email } = metadata;
    const entry = this.#mailmap.get(`${author}\0${author_email}`);
    return entry
      ? `${entry.canonical_author} <${entry.canonical_author_email}>`
      : `${author} <${author_email}>`;
  }
}
