import {
  type Commit,
  type HistoryGraph,
  type HistorySplit,
  OutputFile,
  partialPath,
  readLines,
  SPLIT_SIDES,
  type SplitSide,
  type StageContext,
  throwIfAborted,
} from "@repotune/schema";
import type { Authors } from "./author-label.ts";
import { type CommitHeader, headerOf } from "./commit-header.ts";

/**
 * The headers of a history, in a file beside what is written, so that commits with their patches are
 * read but once, and memory does not grow with the history.
 */
export class HeaderFile {
  readonly #file: OutputFile;
  /** By `commit_number`, whether a commit has an overview. */
  readonly #hasOverview: readonly boolean[];

  private constructor(file: OutputFile, hasOverview: readonly boolean[]) {
    this.#file = file;
    this.#hasOverview = hasOverview;
  }

  /**
   * Reads commits and keeps their headers. Authors' pseudonyms are keyed by the id of the history's
   * first commit.
   *
   * @param path of the file; it never has this name, but that of an unfinished file.
   * @param graph gathers what the split depends on.
   * @throws {StageError} `E_OUTPUT`, `E_INTERRUPTED`, and what `commits` throws.
   */
  static async create(
    commits: AsyncIterable<Commit>,
    path: string,
    { authors, graph }: { authors: Authors; graph: HistoryGraph },
    { signal, onProgress }: StageContext = {},
  ): Promise<HeaderFile> {
    const file = await OutputFile.create(path);
    const hasOverview: boolean[] = [];
    try {
      for await (const commit of commits) {
        throwIfAborted(signal);
        onProgress?.({ stage: "tokenizer", done: graph.size, unit: "commits read" });
        graph.add(commit);
        const header = headerOf(commit, authors, graph.hashes[0] ?? "");
        hasOverview.push(header.hasOverview);
        await file.write(`${JSON.stringify(header)}\n`);
      }
      await file.flush();
    } catch (error) {
      await file.discard();
      throw error;
    }
    return new HeaderFile(file, hasOverview);
  }

  /**
   * The headers of all commits, or of those on one side of a split, in the order of the history.
   *
   * Merges have an overview after all on a side that would have none: where every change comes by a
   * merge, the newest commits of a short history may be merges alone.
   */
  async *read({ sides, sideOf }: HistorySplit, only?: SplitSide): AsyncGenerator<CommitHeader> {
    const isBare = (side: SplitSide) => !sides[side].some((commit) => this.#hasOverview[commit]);
    const bare = new Set<SplitSide | undefined>(SPLIT_SIDES.filter(isBare));
    for await (const { text } of readLines(partialPath(this.#file.path))) {
      const header: CommitHeader = JSON.parse(text);
      const side = sideOf[header.number];
      if (only !== undefined && side !== only) continue;
      if (bare.has(side)) header.hasOverview = header.files.length > 0;
      yield header;
    }
  }

  /** Removes the file. */
  remove(): Promise<void> {
    return this.#file.discard();
  }
}
