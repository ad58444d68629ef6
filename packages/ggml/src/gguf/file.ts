import { constants } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { fileSize, inputError, StageError } from "@repotune/schema";
import { align, GGUF_MAGIC, GGUF_VERSION, MAX_ENTRIES, truncatedGguf } from "./format.ts";
import { HeaderCursor } from "./header-cursor.ts";
import type { GgufMetadata } from "./metadata.ts";
import { alignmentOf, readMetadata } from "./read-metadata.ts";
import { type GgufTensorInfo, readTensorInfos } from "./tensor-info.ts";

/** One read system call takes at most 2 GiB. */
const MAX_READ_BYTES = 1 << 30;

/** A GGUF file, open for reading: its header in memory, its tensors by range. */
export class GgufFile {
  readonly path: string;
  /** Version of the format: 2 or 3. */
  readonly version: number;
  readonly metadata: GgufMetadata;
  /** Tensors by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, GgufTensorInfo>;
  /** Where the data section starts in the file. */
  readonly dataStart: number;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, header: Header) {
    this.path = path;
    this.version = header.version;
    this.metadata = header.metadata;
    this.tensors = header.tensors;
    this.dataStart = header.dataStart;
    this.#handle = handle;
  }

  /**
   * Reads and checks the header; no tensor data is read, but its presence is checked.
   *
   * Memory stays below a small multiple of the file's own header, whatever its counts claim.
   *
   * @throws {StageError} `E_NOT_FOUND`; `E_INPUT` if it is not a GGUF file or a malformed one;
   *   `E_TRUNCATED` if it ends before its last tensor; `E_UNSUPPORTED` for another version of the
   *   format, big-endian or split files, and unknown tensor types.
   */
  static async open(path: string): Promise<GgufFile> {
    const bytes = await fileSize(path);
    const handle = await open(path, "r").catch((cause: unknown) => {
      throw inputError(path, cause);
    });
    try {
      return new GgufFile(path, handle, await readHeader(new HeaderCursor(path, handle, bytes)));
    } catch (error) {
      await handle.close();
      throw error;
    }
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
    const info = typeof tensor === "string" ? this.tensor(tensor) : tensor;
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
    const bytes = new Uint8Array(stop - start);
    const position = this.dataStart + info.offset + start;
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(bytes.length - at, MAX_READ_BYTES);
      const { bytesRead } = await this.#handle.read(bytes, at, length, position + at);
      if (bytesRead === 0) {
        const what = `the data of tensor "${info.name}"`;
        throw truncatedGguf(this.path, position + bytes.length, position + at, what);
      }
      at += bytesRead;
    }
    return bytes;
  }

  /** Frees the file; the header stays readable. */
  close(): Promise<void> {
    return this.#handle.close();
  }
}

interface Header {
  version: number;
  metadata: GgufMetadata;
  tensors: Map<string, GgufTensorInfo>;
  dataStart: number;
}

async function readHeader(cursor: HeaderCursor): Promise<Header> {
  const version = await readVersion(cursor);
  const tensorCount = await cursor.count(MAX_ENTRIES, "the list of tensors");
  const metadataCount = await cursor.count(MAX_ENTRIES, "the list of metadata");
  const metadata = await readMetadata(cursor, metadataCount);
  refuseSplitFile(metadata);
  const alignment = alignmentOf(metadata);
  const tensors = await readTensorInfos(cursor, tensorCount, alignment);
  const dataStart = tensorCount > 0 ? align(cursor.position, alignment) : cursor.position;
  for (const { name, offset, bytes } of tensors.values()) {
    const end = dataStart + offset + bytes;
    if (end > cursor.fileBytes) {
      throw truncatedGguf(cursor.path, end, cursor.fileBytes, `the data of tensor "${name}"`);
    }
  }
  return { version, metadata, tensors, dataStart };
}

async function readVersion(cursor: HeaderCursor): Promise<number> {
  const magic = await cursor.bytes(Math.min(4, cursor.fileBytes), "the first four bytes");
  if (!GGUF_MAGIC.startsWith(magic.toString("latin1")) || magic.length === 0) {
    throw new StageError(
      "E_INPUT",
      `${cursor.path} is not a GGUF file: it starts with ${JSON.stringify(magic.toString("latin1"))}, not "${GGUF_MAGIC}".`,
      { hint: "A model in another format must be converted to GGUF first." },
    );
  }
  if (magic.length < 4) throw truncatedGguf(cursor.path, 24, magic.length, "the first four bytes");
  const version = await cursor.u32("the version");
  if (version === 2 || version === GGUF_VERSION) return version;
  const isBigEndian = version !== 0 && (version & 0xffff) === 0;
  throw new StageError(
    "E_UNSUPPORTED",
    isBigEndian
      ? `${cursor.path} is a big-endian GGUF file.`
      : `${cursor.path} is of GGUF version ${version}; versions 2 and ${GGUF_VERSION} can be read.`,
    { hint: "Get the model in a current GGUF file, or convert it anew." },
  );
}

function refuseSplitFile(metadata: GgufMetadata): void {
  const parts = metadata.count("split.count", 1);
  if (parts <= 1) return;
  const number = metadata.count("split.no", 0) + 1;
  throw new StageError(
    "E_UNSUPPORTED",
    `${metadata.path} is part ${number} of a model split into ${parts} files.`,
    { hint: "Join them first: llama-gguf-split --merge FIRST_PART.gguf MERGED.gguf" },
  );
}
