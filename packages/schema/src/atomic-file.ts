import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, StageError } from "./error.ts";
import { makeFolder } from "./make-folder.ts";

/** Small writes are gathered up to this many bytes; beyond it, system calls no longer cost. */
const BUFFER_BYTES = 1 << 20;

/** What was written, for a manifest. */
export interface WrittenFile {
  path: string;
  bytes: number;
  /** SHA-256, hex. */
  sha256: string;
}

/**
 * A file that has its final name only once it is complete: it is written as `<path>.tmp`, synced
 * and renamed by {@link AtomicFile.commit}.
 */
export class AtomicFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #bytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Creates `<path>.tmp`, and the folders above it.
   *
   * @throws {StageError} `E_OUTPUT` if that cannot be done.
   */
  static async create(path: string): Promise<AtomicFile> {
    try {
      await makeFolder(dirname(path));
      return new AtomicFile(path, await open(`${path}.tmp`, "w"));
    } catch (cause) {
      throw outputError(path, cause);
    }
  }

  /** Appends `data`; wait for the promise, so that memory stays bounded. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    if (this.#pendingBytes >= BUFFER_BYTES) await this.#flush();
  }

  /** Puts the complete file in place under its final name. */
  async commit(): Promise<WrittenFile> {
    await this.#flush();
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(`${this.path}.tmp`, this.path);
    } catch (cause) {
      await this.discard();
      throw outputError(this.path, cause);
    }
    return { path: this.path, bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  /** Removes what was written so far. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined); // It may be closed already.
    await rm(`${this.path}.tmp`, { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const data = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hash.update(data);
    this.#bytes += data.length;
    try {
      for (let at = 0; at < data.length; ) {
        at += (await this.#handle.write(data, at)).bytesWritten;
      }
    } catch (cause) {
      await this.discard();
      throw outputError(this.path, cause);
    }
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
