import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, StageError } from "./error.ts";
import { makeFolder } from "./make-folder.ts";

/** Small writes are gathered up to this many bytes; beyond it, system calls no longer cost. */
const BUFFER_BYTES = 1 << 20;

/** A file that is complete. */
export interface CompleteFile {
  path: string;
  bytes: number;
}

/** What was written, for a manifest. */
export interface WrittenFile extends CompleteFile {
  /** SHA-256, hex. */
  sha256: string;
}

/** Where a file lies while it is written. */
export const partialPath = (path: string): string => `${path}.tmp`;

/**
 * A file that has its final name only once it is complete: it is written as `<path>.tmp`, synced
 * and renamed by {@link OutputFile.commit}.
 */
export class OutputFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #bytes: number;

  private constructor(path: string, handle: FileHandle, bytes: number) {
    this.path = path;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /**
   * Creates `<path>.tmp`, and the folders above it.
   *
   * @param keepBytes so much of a `<path>.tmp` that is there already is kept, to go on behind it.
   * @throws {StageError} `E_OUTPUT` if that cannot be done.
   */
  static async create(path: string, keepBytes = 0): Promise<OutputFile> {
    try {
      await makeFolder(dirname(path));
      await assertNoFolder(path);
      const handle = await open(partialPath(path), keepBytes > 0 ? "r+" : "w");
      if (keepBytes > 0) await handle.truncate(keepBytes);
      return new OutputFile(path, handle, keepBytes);
    } catch (cause) {
      throw outputError(path, cause);
    }
  }

  /** Bytes so far, those included that are still gathered. */
  get bytes(): number {
    return this.#bytes + this.#pendingBytes;
  }

  /** Appends `data`; wait for the promise, so that memory stays bounded. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    if (this.#pendingBytes >= BUFFER_BYTES) await this.flush();
  }

  /** Hands everything over to the operating system. */
  async flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const [first, second] = this.#pending;
    const data = first && !second ? first : Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      for (let at = 0; at < data.length; ) {
        const { bytesWritten } = await this.#handle.write(data, at, null, this.#bytes + at);
        at += bytesWritten;
      }
    } catch (cause) {
      throw outputError(this.path, cause);
    }
    this.#bytes += data.length;
  }

  /** Makes sure that everything is on the disk, and closes the file, still under its partial name. */
  async finish(): Promise<void> {
    await this.flush();
    try {
      await this.#handle.sync();
      await this.#handle.close();
    } catch (cause) {
      throw outputError(this.path, cause);
    }
  }

  /** Puts the complete file in place under its final name. */
  async commit(): Promise<CompleteFile> {
    await this.finish();
    await moveIntoPlace(this.path);
    return { path: this.path, bytes: this.#bytes };
  }

  /** Closes the file as it is, to be gone on with later. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined); // It may be closed already.
  }

  /** Removes what was written so far. */
  async discard(): Promise<void> {
    await this.close();
    await rm(partialPath(this.path), { force: true });
  }
}

/** Found out only when the file gets its name, a folder in its place would cost all the work. */
async function assertNoFolder(path: string): Promise<void> {
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => /[/\\]$/.test(path),
  );
  if (isFolder) throw Object.assign(new Error("EISDIR: it is a folder"), { code: "EISDIR" });
}

/** Gives a file that was finished its final name. */
export async function moveIntoPlace(path: string): Promise<void> {
  try {
    await rename(partialPath(path), path);
  } catch (cause) {
    throw outputError(path, cause);
  }
}

/** An {@link OutputFile} that knows the hash of what it holds. */
export class AtomicFile {
  readonly path: string;
  readonly #file: OutputFile;
  readonly #hash = createHash("sha256");

  private constructor(file: OutputFile) {
    this.path = file.path;
    this.#file = file;
  }

  /** @throws {StageError} `E_OUTPUT` if that cannot be done. */
  static async create(path: string): Promise<AtomicFile> {
    return new AtomicFile(await OutputFile.create(path));
  }

  /** Appends `data`; wait for the promise, so that memory stays bounded. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.#hash.update(bytes);
    try {
      await this.#file.write(bytes);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Puts the complete file in place under its final name. */
  async commit(): Promise<WrittenFile> {
    try {
      return { ...(await this.#file.commit()), sha256: this.#hash.digest("hex") };
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Removes what was written so far. */
  discard(): Promise<void> {
    return this.#file.discard();
  }
}

/**
 * Writes a file through `fill`; it gets its final name only if `fill` succeeds.
 *
 * @throws {StageError} `E_OUTPUT` if it cannot be written, and whatever `fill` throws.
 */
export async function writeFileAtomically(
  path: string,
  fill: ((file: AtomicFile) => Promise<void>) | string | Uint8Array,
): Promise<WrittenFile> {
  const file = await AtomicFile.create(path);
  try {
    if (typeof fill === "function") await fill(file);
    else await file.write(fill);
  } catch (error) {
    await file.discard();
    throw error;
  }
  return file.commit();
}

/** Writes `value` as indented JSON. */
export const writeJsonFile = (path: string, value: unknown): Promise<WrittenFile> =>
  writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);

const hints: Record<string, string> = {
  ENOENT: "No folder can be made there: choose another output folder.",
  ENOSPC: "The disk is full: free some space, or choose another output folder.",
  EDQUOT: "The quota is used up: free some space, or choose another output folder.",
  EFBIG: "Files may not grow that large here (ulimit -f, or the file system): raise the limit.",
  EACCES: "There is no permission to write there: choose another output folder.",
  EPERM: "There is no permission to write there: choose another output folder.",
  EROFS: "The file system is read-only: choose another output folder.",
  ENOTDIR: "A file stands where a folder is needed: choose another output folder.",
  EEXIST: "A file stands where a folder is needed: choose another output folder.",
  EISDIR: "A folder stands where the file should go: choose another name.",
};

function outputError(path: string, cause: unknown): StageError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  return new StageError("E_OUTPUT", `Cannot write ${path}: ${messageOf(cause)}`, {
    hint: hints[code],
    cause,
  });
}
