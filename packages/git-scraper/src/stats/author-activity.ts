import type { HistoryStats, Person } from "@repotune/schema";
import type { HistoryTable } from "./history-table.ts";
import { Span } from "./span.ts";

/** The authors of a history, and which of them each of the table's authors is. */
export interface AuthorActivity {
  authors: HistoryStats["authors"];
  /** For each author of the table the position in `authors`; -1 for one without commits. */
  positions: Int32Array;
}

/** Adds up what each author did; names that stand for the same person count as one. */
export function authorActivity(
  table: HistoryTable,
  include: (commit: number) => boolean,
  canonical: (person: Person) => Person,
): AuthorActivity {
  const { persons, personOf } = distinctPersons(table.authors, canonical);
  const found = persons.map((person, number) => ({
    number,
    ...person,
    commits: 0,
    merges: 0,
    insertions: 0,
    deletions: 0,
    span: new Span(table),
  }));
  for (let commit = 0; commit < table.size; commit += 1) {
    if (!include(commit)) continue;
    const author = found[personOf[table.author(commit)] as number];
    if (!author) continue;
    author.commits += 1;
    author.span.add(commit);
    if (table.isMerge(commit)) {
      author.merges += 1;
    } else {
      author.insertions += table.insertions(commit);
      author.deletions += table.deletions(commit);
    }
  }
  const ranked = found
    .filter(({ commits }) => commits > 0)
    .sort((a, b) => b.commits - a.commits || a.number - b.number);
  const rank = new Map(ranked.map(({ number }, position) => [number, position]));
  return {
    authors: ranked.map(({ number: _, span, ...author }) => ({ ...author, ...span.dates() })),
    positions: Int32Array.from(personOf, (person) => rank.get(person) ?? -1),
  };
}

/** Who is meant by each author, in order of first appearance. */
function distinctPersons(
  authors: readonly Person[],
  canonical: (person: Person) => Person,
): { persons: Person[]; personOf: number[] } {
  const persons: Person[] = [];
  const numbers = new Map<string, number>();
  const personOf = authors.map((author) => {
    const { name, email } = canonical(author);
    const key = JSON.stringify([name, email]);
    const number = numbers.get(key) ?? persons.push({ name, email }) - 1;
    numbers.set(key, number);
    return number;
  });
  return { persons, personOf };
}
