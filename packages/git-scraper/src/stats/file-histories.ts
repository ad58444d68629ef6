import { FileTracer, type TableGraph } from "./file-tracer.ts";
import type { HistoryTable } from "./history-table.ts";

/** The files of a history, each with all the names it went by. */
export interface FileHistories {
  /** For each change of the table its file; -1 in merges and in commits that are not included. */
  fileOf: Int32Array;
  /** For each file the number of its last name's path; no two files share one. */
  paths: number[];
  /** For each file whether head has it. */
  exists: boolean[];
  /** For each file the paths it went by before, the oldest first. */
  earlierPaths: number[][];
}

/**
 * Follows every file through the history: a rename carries its past over to its new name.
 *
 * A file that head has goes by its name there, any other by the name it had last. A file that was
 * removed and comes back goes on; so does one whose name another one takes over for good. Where one
 * file became two, as when branches renamed it differently, what happened before is the first one's.
 */
export function traceFiles(table: HistoryTable, graph: TableGraph): FileHistories {
  const tracer = new FileTracer(table, graph);
  tracer.trace();
  const names = new Names(table.paths.size);
  /** For each traced file its number here. */
  const numbers = new Map<number, number>();
  for (const [path, file] of [...tracer.atHead].sort(([a], [b]) => a - b)) {
    const number = names.take(path);
    const root = tracer.root(file);
    if (!numbers.has(root)) numbers.set(root, number);
  }
  const existing = names.paths.length;
  // From the newest change on: the first name met is the last that the file had.
  for (let change = table.changeCount - 1; change >= 0; change -= 1) {
    const file = tracer.fileOf[change] as number;
    if (file < 0 || numbers.has(tracer.root(file))) continue;
    numbers.set(tracer.root(file), names.take(table.path(change)));
  }
  const fileOf = new Int32Array(table.changeCount).fill(-1);
  const earlierPaths = names.paths.map(() => new Set<number>());
  for (let commit = 0; commit < table.size; commit += 1) {
    if (!graph.include(commit) || table.isMerge(commit)) continue;
    const end = table.changesEnd(commit);
    for (let change = table.changesStart(commit); change < end; change += 1) {
      const path = table.path(change);
      const root = tracer.root(tracer.fileOf[change] as number);
      const atHead = tracer.atHead.get(path);
      const isByName = atHead !== undefined && tracer.root(atHead) === root;
      const number = (isByName ? names.of(path) : numbers.get(root)) as number;
      fileOf[change] = number;
      if (table.letter(change) === "R") earlierPaths[number]?.add(table.oldPath(change));
    }
  }
  return {
    fileOf,
    paths: names.paths,
    exists: names.paths.map((_, number) => number < existing),
    earlierPaths: names.paths.map((path, number) =>
      [...(earlierPaths[number] ?? [])].filter((earlier) => earlier !== path),
    ),
  };
}

/** Numbers for paths, given out once for each. */
class Names {
  readonly paths: number[] = [];
  readonly #numbers: Int32Array;

  constructor(pathCount: number) {
    this.#numbers = new Int32Array(pathCount).fill(-1);
  }

  /** The number of a path, a new one if it has none. */
  take(path: number): number {
    if (this.#numbers[path] === -1) this.#numbers[path] = this.paths.push(path) - 1;
    return this.#numbers[path] as number;
  }

  of(path: number): number {
    return this.#numbers[path] as number;
  }
}
