import { readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { OutputFile, partialPath } from "@repotune/schema";
import type { Sketch } from "../near-duplicates/sketch.ts";
import type { CommitLines } from "./commit-lines.ts";

/** Numbers before the lists of a record: number of added lines, size of the set, length of its sketch. */
const HEAD = 3;

/**
 * Keeps the lines of all commits in a file, so that a history's patches need to be read only once,
 * and not to be held in memory.
 */
export class LineStore {
  readonly #file: OutputFile;
  readonly #offsets: number[] = [];
  readonly #patchIds: number[] = [];
  #reader: FileHandle | undefined;

  private constructor(file: OutputFile) {
    this.#file = file;
  }

  /**
   * @param path of the file, which {@link LineStore.close} removes; it never gets that name.
   * @throws {StageError} `E_OUTPUT`.
   */
  static async create(path: string): Promise<LineStore> {
    return new LineStore(await OutputFile.create(path));
  }

  /** Adds the commit with the next number. */
  async add({ patchId, added, changed }: CommitLines): Promise<void> {
    this.#offsets.push(this.#file.bytes);
    this.#patchIds.push(patchId);
    const { size, smallest } = changed;
    const record = new Uint32Array(HEAD + added.length + smallest.length);
    record.set([added.length, size, smallest.length]);
    record.set(smallest, HEAD);
    record.set(added, HEAD + smallest.length);
    await this.#file.write(new Uint8Array(record.buffer));
  }

  /** To be called once all commits are added. */
  async finish(): Promise<void> {
    await this.#file.flush();
    this.#reader = await open(partialPath(this.#file.path), "r");
  }

  patchId(commit: number): number {
    return this.#patchIds[commit] ?? 0;
  }

  /** Lines that a commit adds. */
  added(commit: number): Uint32Array {
    const [length = 0, , skipped = 0] = this.#read(commit, 0, HEAD);
    return this.#read(commit, HEAD + skipped, length);
  }

  /** The set of lines that a commit adds and removes. */
  changed(commit: number): Sketch {
    const [, size = 0, length = 0] = this.#read(commit, 0, HEAD);
    return { size, smallest: this.#read(commit, HEAD, length) };
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    await this.#file.discard();
  }

  #read(commit: number, first: number, length: number): Uint32Array {
    const values = new Uint32Array(length);
    if (length === 0 || !this.#reader) return values;
    const position = (this.#offsets[commit] ?? 0) + first * 4;
    readSync(this.#reader.fd, values, 0, values.byteLength, position);
    return values;
  }
}
