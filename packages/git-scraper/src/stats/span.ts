import type { HistoryTable } from "./history-table.ts";

/** The earliest and the latest author date among commits; commits without a date do not count. */
export class Span {
  readonly #table: HistoryTable;
  #first: number | undefined;
  #last: number | undefined;

  constructor(table: HistoryTable) {
    this.#table = table;
  }

  /** @param commit commits come in order: of equal dates, the first and the last count. */
  add(commit: number): void {
    if (!this.#table.hasDate(commit)) return;
    const seconds = this.#table.seconds(commit);
    if (this.#first === undefined || seconds < this.#table.seconds(this.#first)) {
      this.#first = commit;
    }
    if (this.#last === undefined || seconds >= this.#table.seconds(this.#last)) {
      this.#last = commit;
    }
  }

  /** Both dates as they are written in a commit's record. */
  dates(): { first: string | null; last: string | null } {
    const date = (commit: number | undefined) =>
      commit === undefined ? null : this.#table.timestamp(commit);
    return { first: date(this.#first), last: date(this.#last) };
  }
}
