import { rm } from "node:fs/promises";
import {
  type Commit,
  moveIntoPlace,
  OutputFile,
  type Provenance,
  partialPath,
} from "@repotune/schema";
import type { CommitRecord } from "../commit/commit-record.ts";
import type { FoundState } from "../state/find-state.ts";
import {
  type RememberedCommit,
  type StateHeader,
  stateLine,
  statePath,
} from "../state/state-file.ts";
import { appendCommit } from "./commit-json.ts";
import { JsonBuffer } from "./json-buffer.ts";

/** Lines are written, and with them the state, once so many bytes have come together. */
const FLUSH_BYTES = 1 << 20;

/** A file of commits that is being written, and beside it the state, by which to go on with it. */
export class CommitsOutput {
  readonly #path: string;
  readonly #file: OutputFile;
  readonly #state: OutputFile;
  readonly #json = new JsonBuffer();
  /** Lines of the state that are not written yet. */
  #entries = "";
  readonly #isDocument: boolean;
  /** Bytes of the file up to and including the last commit. */
  #end: number;
  #hasEntries: boolean;

  private constructor(path: string, file: OutputFile, state: OutputFile, hasEntries: boolean) {
    this.#path = path;
    this.#file = file;
    this.#state = state;
    this.#hasEntries = hasEntries;
    this.#isDocument = path.endsWith(".json");
    this.#end = file.bytes;
  }

  /**
   * Starts a file, or goes on with one.
   *
   * @param found what there is to go on with, its entries read.
   * @throws {StageError} `E_OUTPUT`.
   */
  static async open(
    path: string,
    header: StateHeader,
    provenance: Provenance,
    found?: FoundState,
  ): Promise<CommitsOutput> {
    const state = statePath(path);
    if (found) {
      const file = await OutputFile.create(path, found.outputBytes);
      return new CommitsOutput(path, file, await OutputFile.create(state, found.stateBytes), true);
    }
    const file = await OutputFile.create(path);
    const output = new CommitsOutput(path, file, await OutputFile.create(state), false);
    if (output.#isDocument) {
      await file.write(`${JSON.stringify(provenance).slice(0, -1)},"commits":[\n`);
      output.#end = file.bytes;
    }
    await output.#state.write(`${JSON.stringify(header)}\n`);
    return output;
  }

  /**
   * Appends a commit, and what to remember of it; then {@link flush} if it {@link isFull}.
   *
   * @param fields all of the commit but its diffs.
   * @param isFirst whether no commit stands before it.
   */
  add(
    record: {
      fields: CommitRecord["fields"] | Omit<Commit, "diffs">;
      files: CommitRecord["files"];
    },
    isFirst: boolean,
    entry: RememberedCommit,
  ): void {
    const before = this.#json.length;
    if (this.#isDocument && !isFirst) this.#json.text(",\n");
    appendCommit(this.#json, record.fields, record.files);
    if (!this.#isDocument) this.#json.text("\n");
    this.#end += this.#json.length - before;
    this.remember(entry);
  }

  /** Remembers a commit that has no line. */
  remember(entry: RememberedCommit): void {
    this.#entries += stateLine(entry, this.#end);
    this.#hasEntries = true;
  }

  /** Whether it is time to {@link flush}. */
  get isFull(): boolean {
    return this.#json.length >= FLUSH_BYTES || this.#entries.length >= FLUSH_BYTES;
  }

  /**
   * Puts the file in place, and with it what belongs to it.
   *
   * Everything is on the disk under partial names before the first gets its final one.
   *
   * @param beside JSON documents by path, in pieces.
   * @param ending of a document: its metadata.
   */
  async finish(beside: ReadonlyMap<string, Iterable<string>>, ending: unknown): Promise<void> {
    await this.flush();
    if (this.#isDocument) await this.#file.write(`\n],"metadata":${JSON.stringify(ending)}}\n`);
    const finishing: Promise<void>[] = [];
    const finish = (file: OutputFile) => {
      const finished = file.finish();
      finished.catch(() => undefined); // It is awaited below.
      finishing.push(finished);
    };
    // The disk takes its time; the tables are made meanwhile.
    finish(this.#file);
    finish(this.#state);
    for (const [path, pieces] of beside) {
      const file = await OutputFile.create(path);
      for (const piece of pieces) await file.write(piece);
      await file.write("\n");
      finish(file);
    }
    await Promise.all(finishing);
    await moveIntoPlace(this.#path);
    for (const path of beside.keys()) await moveIntoPlace(path);
    // A document is never appended to.
    if (this.#isDocument) await rm(partialPath(statePath(this.#path)), { force: true });
    else await moveIntoPlace(statePath(this.#path));
  }

  /**
   * Leaves the file under its partial name, to go on with it later; nothing is left of one without
   * commits.
   *
   * @returns whether there is something to go on with.
   */
  async suspend(): Promise<boolean> {
    if (!this.#hasEntries) {
      await this.#file.discard();
      await this.#state.discard();
      return false;
    }
    // The disk may be full; what is there already can be gone on with all the same.
    await this.flush().catch(() => undefined);
    await this.#file.close();
    await this.#state.close();
    return true;
  }

  /** Writes what has come together. */
  async flush(): Promise<void> {
    await this.#file.write(this.#json.view());
    await this.#file.flush();
    this.#json.clear();
    // After the lines: an entry without its line is passed over.
    await this.#state.write(this.#entries);
    await this.#state.flush();
    this.#entries = "";
  }
}
