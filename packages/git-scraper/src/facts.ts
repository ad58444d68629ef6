import { idDigits, type Repository } from "@repotune/git";
import type { CommitsMetadata, Lineage, Person } from "@repotune/schema";
import type { AssembledCommit } from "./commit/commit-assembler.ts";
import { emptyFilterReport, type FilterReport } from "./filter/filter-report.ts";
import type { CommitGraph } from "./history/commit-graph.ts";
import { IdTable } from "./history/id-table.ts";
import type { RefLabels } from "./history/ref-labels.ts";
import { personKey } from "./identity/person.ts";
import type { RememberedCommit } from "./state/state-file.ts";
import { Column } from "./stats/column.ts";
import { historyStats } from "./stats/history-stats.ts";
import { type HistoryRow, HistoryTable } from "./stats/history-table.ts";
import { historyTotals } from "./stats/history-totals.ts";

/** What could not be read of a history. */
export type ScrapeFailure = CommitsMetadata["failures"][number];

/** All that is known of the commits read so far, of this run and those it goes on with. */
export class HistoryFacts {
  /** Commit dates by position in the graph, in seconds; NaN where unknown. */
  readonly seconds: Float64Array;
  /** Blobs that git found to be binary. */
  readonly binaryBlobs = new Set<string>();
  readonly filtered: FilterReport = emptyFilterReport();
  readonly #graph: CommitGraph;
  /** Ids of all commits dealt with. */
  readonly #done: IdTable;
  /** Those of them that have a line, in order. */
  readonly #lines = new Column((length) => new Uint32Array(length));
  readonly #table = new HistoryTable();
  readonly #failures: ScrapeFailure[] = [];

  constructor(repository: Repository, graph: CommitGraph) {
    this.#graph = graph;
    this.#done = new IdTable(idDigits(repository.objectFormat));
    this.seconds = new Float64Array(graph.size).fill(Number.NaN);
  }

  /** Commits that have a line. */
  get lines(): number {
    return this.#lines.length;
  }

  /** Commits dealt with. */
  get done(): number {
    return this.#done.size;
  }

  has(hash: string): boolean {
    return this.#done.indexOf(hash) >= 0;
  }

  add({ hash, seconds, row, binary_blobs, failures, filtered }: RememberedCommit): void {
    const place = this.#done.add(hash);
    const index = this.#graph.indexOf(hash);
    if (index >= 0) this.seconds[index] = seconds ?? Number.NaN;
    for (const blob of binary_blobs) this.binaryBlobs.add(blob);
    this.#failures.push(...failures);
    this.filtered.files.path += filtered.files;
    this.filtered.truncated.patches += filtered.patches;
    if (row === null) {
      this.filtered.commits.path += 1;
      return;
    }
    this.#lines.push(place);
    this.#table.add(row);
  }

  /** Records what could not be read. */
  fail(failure: ScrapeFailure): void {
    this.#failures.push(failure);
  }

  /** What could not be read, in the order of the commits. */
  get failures(): ScrapeFailure[] {
    const position = ({ commit_hash }: ScrapeFailure) => this.#graph.indexOf(commit_hash);
    return this.#failures
      .map((failure) => ({ failure, at: position(failure) }))
      .sort((a, b) => a.at - b.at)
      .map(({ failure }) => failure);
  }

  /** Distinct authors as the commits name them. */
  get authors(): readonly Person[] {
    return this.#table.authors;
  }

  /** Totals of the commits that a ref leads to. */
  totals(): ReturnType<typeof historyTotals> {
    return historyTotals(this.#table, { include: this.#isReachable() });
  }

  /**
   * Tables about the history as a whole.
   *
   * @param head id of the commit that HEAD names.
   * @param followsMerges whether merges were compared with their first parent.
   */
  stats(
    canonical: ReadonlyMap<string, Person>,
    head: string | undefined,
    followsMerges: boolean,
  ): ReturnType<typeof historyStats> {
    const { table, positions } = this.#inOrder();
    const lineOf = new Int32Array(this.#graph.size).fill(-1);
    for (const [line, position] of positions.entries()) lineOf[position] = line;
    const lineAt = (position: number) => lineOf[position] ?? -1;
    const parents = (line: number) => this.#graph.parents(positions[line] as number).map(lineAt);
    const headLine = head === undefined ? -1 : lineAt(this.#graph.indexOf(head));
    return historyStats(table, {
      canonical: (person) => canonical.get(personKey(person)) ?? person,
      ...(followsMerges && !lineOf.includes(-1) && { parents }),
      ...(headLine >= 0 && { head: headLine }),
    });
  }

  /** Branches, tags and canonical authors of the lines. */
  lineage(
    labels: RefLabels,
    canonical: ReadonlyMap<string, Person>,
  ): Pick<Lineage, "branches" | "sets" | "commits" | "tags" | "mailmap"> {
    const mailmap = this.authors.flatMap((author) => {
      const known = canonical.get(personKey(author));
      if (!known) return [];
      return {
        author: author.name,
        author_email: author.email,
        canonical_author: known.name,
        canonical_author_email: known.email,
      };
    });
    return { ...labels.lineage(this.#lineIds()), mailmap };
  }

  /**
   * The table as a full run has it, and the position of each of its commits. Lines that were
   * appended later, or that no ref leads to any more, are in no such order.
   */
  #inOrder(): { table: HistoryTable; positions: Int32Array } {
    const positions = Int32Array.from(this.#lineIds(), (hash) => this.#graph.indexOf(hash));
    const isOrdered = positions.every((position, line) => position > (positions[line - 1] ?? -1));
    if (isOrdered) return { table: this.#table, positions };
    const lines = [...positions.keys()]
      .filter((line) => (positions[line] as number) >= 0)
      .sort((a, b) => (positions[a] as number) - (positions[b] as number));
    const table = new HistoryTable();
    for (const line of lines) table.add(this.#table.row(line));
    return { table, positions: Int32Array.from(lines, (line) => positions[line] as number) };
  }

  #isReachable(): (line: number) => boolean {
    return (line) => this.#graph.indexOf(this.#lineId(line)) >= 0;
  }

  /** Ids of the commits that have a line, in order. */
  *#lineIds(): Generator<string> {
    for (let line = 0; line < this.lines; line += 1) yield this.#lineId(line);
  }

  #lineId(line: number): string {
    return this.#done.id(this.#lines.at(line));
  }
}

/** What to remember of a commit that was put together. */
export const rememberedOf = ({
  hash,
  seconds,
  record,
  binaryBlobs,
  failures,
  filtered,
}: AssembledCommit): RememberedCommit => ({
  hash,
  seconds,
  row: record === undefined ? null : rowOf(record),
  binary_blobs: binaryBlobs,
  failures,
  filtered,
});

const rowOf = ({ fields, files }: NonNullable<AssembledCommit["record"]>): HistoryRow => ({
  metadata: fields.metadata,
  diffs: files.map((file) => file.fields),
});
