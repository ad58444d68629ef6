import type { HistoryTable } from "./history-table.ts";
import { groupByKey } from "./incidence.ts";

/** How the commits of a table hang together. */
export interface TableGraph {
  include: (commit: number) => boolean;
  /** Positions of a commit's parents in the table, the first parent first; -1 for one not there. */
  parents: (commit: number) => ArrayLike<number>;
  /** Position of the commit whose files are those that exist, or -1. */
  head: number;
}

/** What stands for a path without a file. */
const NONE = -1;

/**
 * Says which file each change of a history is of, by walking down all lines of first parents with
 * the files that there are at each commit, so that no branch sees the renames of another.
 *
 * A merge adds and changes, against its first parent, what its other parents have: these are then
 * known to be the same files.
 */
export class FileTracer {
  /** For each change its file, to be looked up by `root`; -1 in commits not included. */
  readonly fileOf: Int32Array;
  /** Paths of the files that head has, with the files. */
  readonly atHead = new Map<number, number>();
  readonly #table: HistoryTable;
  readonly #graph: TableGraph;
  /** For each path its file; one that is gone as `-2 - file`, so that it can come back. */
  readonly #state: Int32Array;
  /** What to put back into the state when a line of commits is done: each path, what it was. */
  readonly #undo: number[] = [];
  /** For each file the one that it is known to be, or itself. */
  readonly #same: number[] = [];
  /** Commits by their other parents: `merges` of edges `starts[parent]` and on. */
  readonly #merges: number[] = [];
  readonly #edges: { starts: Uint32Array; positions: Uint32Array };

  constructor(table: HistoryTable, graph: TableGraph) {
    this.#table = table;
    this.#graph = graph;
    this.fileOf = new Int32Array(table.changeCount).fill(NONE);
    this.#state = new Int32Array(table.paths.size).fill(NONE);
    const otherParents: number[] = [];
    for (let commit = 0; commit < table.size; commit += 1) {
      if (!graph.include(commit) || !table.isMerge(commit)) continue;
      const parents = graph.parents(commit);
      for (let at = 1; at < parents.length; at += 1) {
        otherParents.push(parents[at] as number);
        this.#merges.push(commit);
      }
    }
    this.#edges = groupByKey(otherParents, table.size);
  }

  trace(): void {
    const firstParents = Int32Array.from(
      { length: this.#table.size },
      (_, commit) => this.#graph.parents(commit)[0] ?? NONE,
    );
    const { starts, positions } = groupByKey(firstParents, this.#table.size);
    for (let root = 0; root < this.#table.size; root += 1) {
      if (firstParents[root] !== NONE) continue;
      const stack = [{ commit: root, undo: 0 }];
      for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
        this.#unwind(top.undo);
        this.#visit(top.commit);
        const undo = this.#undo.length;
        const end = starts[top.commit + 1] as number;
        for (let at = starts[top.commit] as number; at < end; at += 1) {
          stack.push({ commit: positions[at] as number, undo });
        }
      }
      this.#unwind(0);
    }
  }

  /** The one number of all that are known to be the same file. */
  root(file: number): number {
    let root = file;
    while (this.#same[root] !== root) root = this.#same[root] as number;
    for (let at = file; at !== root; ) {
      const next = this.#same[at] as number;
      this.#same[at] = root;
      at = next;
    }
    return root;
  }

  #visit(commit: number): void {
    if (this.#graph.include(commit)) this.#apply(commit);
    const { starts, positions } = this.#edges;
    for (let at = starts[commit] as number; at < (starts[commit + 1] as number); at += 1) {
      this.#bringInto(this.#merges[positions[at] as number] as number);
    }
    if (commit !== this.#graph.head) return;
    for (const [path, file] of this.#state.entries()) if (file >= 0) this.atHead.set(path, file);
  }

  #apply(commit: number): void {
    const table = this.#table;
    const end = table.changesEnd(commit);
    const isMerge = table.isMerge(commit);
    const moved = new Map<number, number>();
    // All renames of a commit happen at once: two files may swap their names.
    for (let change = table.changesStart(commit); change < end; change += 1) {
      if (table.letter(change) !== "R") continue;
      const old = table.oldPath(change);
      const file = this.#fileAt(old);
      this.#set(old, NONE);
      // What looks like a rename between the ends of a merge need not have been one on the way.
      if (!isMerge) moved.set(change, file);
    }
    for (let change = table.changesStart(commit); change < end; change += 1) {
      const path = table.path(change);
      const file = moved.get(change) ?? this.#fileAt(path);
      // What a merge removes may have moved on the way: only its own commits can tell.
      const gone = isMerge ? NONE : -2 - file;
      this.#set(path, table.letter(change) === "D" ? gone : file);
      this.#is(change, file);
    }
  }

  /** Makes known that the files a merge changed are those that the commit being visited has. */
  #bringInto(merge: number): void {
    const end = this.#table.changesEnd(merge);
    for (let change = this.#table.changesStart(merge); change < end; change += 1) {
      const file = this.#state[this.#table.path(change)] as number;
      if (file >= 0) this.#is(change, file);
    }
  }

  /** A change is of this file, whatever else it was found to be of. */
  #is(change: number, file: number): void {
    const known = this.fileOf[change] as number;
    if (known < 0) this.fileOf[change] = file;
    else this.#same[this.root(file)] = this.root(known);
  }

  #fileAt(path: number): number {
    const file = this.#state[path] as number;
    if (file !== NONE) return file < 0 ? -2 - file : file;
    const begun = this.#same.length;
    this.#same.push(begun);
    return begun;
  }

  #set(path: number, file: number): void {
    this.#undo.push(path, this.#state[path] as number);
    this.#state[path] = file;
  }

  #unwind(length: number): void {
    while (this.#undo.length > length) {
      const before = this.#undo.pop() as number;
      this.#state[this.#undo.pop() as number] = before;
    }
  }
}
