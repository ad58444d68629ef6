import { constants } from "node:buffer";
import { StageError } from "@repotune/schema";
import { truncatedGguf } from "./format.ts";
import { GgufMetadata } from "./metadata.ts";
import { type GgufPart, openParts } from "./parts.ts";
import { SPLIT_KEYS } from "./split-name.ts";
import type { GgufTensorInfo } from "./tensor-info.ts";

/** One read system call takes at most 2 GiB. */
const MAX_READ_BYTES = 1 << 30;

/**
 * A GGUF file, open for reading: its header in memory, its tensors by range. A model split into several
 * files is one {@link GgufFile} too, whichever of them it is opened by.
 */
export class GgufFile {
  /** The file, or the first of its parts. */
  readonly path: string;
  /** All files it consists of, in order; usually one. */
  readonly paths: readonly string[];
  /** Version of the format: 2 or 3. */
  readonly version: number;
  /** Metadata; of a split model those of the first part, without what concerns the splitting. */
  readonly metadata: GgufMetadata;
  /** Tensors by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, GgufTensorInfo>;
  /** Where the data section starts in the file; of a split model, in the first part. */
  readonly dataStart: number;
  readonly #parts: readonly GgufPart[];

  private constructor(parts: readonly [GgufPart, ...GgufPart[]]) {
    const [first] = parts;
    this.path = first.path;
    this.paths = parts.map(({ path }) => path);
    this.version = first.header.version;
    this.metadata = parts.length === 1 ? first.header.metadata : joinedMetadata(first);
    this.tensors = new Map(parts.flatMap(({ header }) => [...header.tensors]));
    this.dataStart = first.header.dataStart;
    this.#parts = parts;
  }

  /**
   * Reads and checks the header; no tensor data is read, but its presence is checked.
   *
   * Memory stays below a small multiple of the file's own header, whatever its counts claim.
   *
   * @param path of the file, or of any part of a split model (`NAME-00001-of-00003.gguf`), whose other
   *   parts lie beside it.
   * @throws {StageError} `E_NOT_FOUND` for a missing file or part; `E_INPUT` if it is not a GGUF file or
   *   a malformed one, or a part is not of this model; `E_TRUNCATED` if it ends before its last tensor;
   *   `E_UNSUPPORTED` for another version of the format, big-endian files, and unknown tensor types.
   */
  static async open(path: string): Promise<GgufFile> {
    return new GgufFile(await openParts(path));
  }

  /**
   * The tensor called `name`.
   *
   * @throws {StageError} `E_INPUT` if there is none.
   */
  tensor(name: string): GgufTensorInfo {
    const info = this.tensors.get(name);
    if (info) return info;
    throw new StageError("E_INPUT", `${this.path} has no tensor "${name}".`, {
      hint: `It has ${this.tensors.size} tensors, the first being ${[...this.tensors.keys()].slice(0, 3).join(", ") || "none"}.`,
    });
  }

  /**
   * Bytes `start … end` (by default all) of a tensor's data, in a buffer of their own.
   *
   * @throws {StageError} `E_INPUT` if there is no such tensor, `E_TRUNCATED` if the file has become
   *   shorter.
   */
  async read(
    tensor: string | GgufTensorInfo,
    start = 0,
    end?: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const info = this.tensor(typeof tensor === "string" ? tensor : tensor.name);
    const stop = end ?? info.bytes;
    if (!(0 <= start && start <= stop && stop <= info.bytes)) {
      throw new RangeError(`Bytes ${start} to ${stop} of "${info.name}", which has ${info.bytes}.`);
    }
    if (stop - start > constants.MAX_LENGTH) {
      throw new StageError(
        "E_MEMORY",
        `The tensor "${info.name}" of ${this.path} has ${stop - start} bytes, too many to read at once.`,
      );
    }
    const part = this.#parts.find(({ header }) => header.tensors.has(info.name)) as GgufPart;
    const bytes = new Uint8Array(stop - start);
    const position = part.header.dataStart + info.offset + start;
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(bytes.length - at, MAX_READ_BYTES);
      const { bytesRead } = await part.handle.read(bytes, at, length, position + at);
      if (bytesRead === 0) {
        const what = `the data of tensor "${info.name}"`;
        throw truncatedGguf(part.path, position + bytes.length, position + at, what);
      }
      at += bytesRead;
    }
    return bytes;
  }

  /** Frees the file; the header stays readable. */
  async close(): Promise<void> {
    for (const { handle } of this.#parts) await handle.close();
  }
}

/** The splitting has no meaning for the whole. */
function joinedMetadata({ path, header }: GgufPart): GgufMetadata {
  const entries = [...header.metadata].filter(([key]) => !SPLIT_KEYS.includes(key));
  return new GgufMetadata(path, entries);
}
