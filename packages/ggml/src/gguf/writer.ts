import { AtomicFile, StageError, type WrittenFile } from "@repotune/schema";
import { GGML_TYPES, type GgmlType } from "../types.ts";
import { encodeString, encodeU32, encodeU64, encodeValue } from "./encode.ts";
import {
  align,
  GGUF_MAGIC,
  GGUF_VERSION,
  MAX_DIMENSIONS,
  MAX_TENSOR_NAME_BYTES,
} from "./format.ts";
import { GgufMetadata } from "./metadata.ts";
import { alignmentOf } from "./read-metadata.ts";
import { checkedBytes, type GgufTensorInfo } from "./tensor-info.ts";
import type { GgufValue } from "./value.ts";

/** A tensor to be written. */
export interface GgufTensorSpec {
  name: string;
  type: GgmlType;
  /** Sizes as ggml orders them (`ne`): the innermost, contiguous dimension first. */
  shape: readonly number[];
}

/** Data of a tensor, whole or in pieces. */
export type TensorData =
  | NodeJS.ArrayBufferView
  | Iterable<NodeJS.ArrayBufferView>
  | AsyncIterable<NodeJS.ArrayBufferView>;

/**
 * Writes a GGUF file (version 3, little-endian): the header at once, then the tensors' data one
 * after the other, so that a model is never in memory as a whole. The file has its final name only
 * after {@link GgufWriter.commit}. Equal input gives equal bytes.
 */
export class GgufWriter {
  readonly path: string;
  /** The tensors in the order in which their data must be written. */
  readonly tensors: readonly GgufTensorInfo[];
  readonly #file: AtomicFile;
  readonly #alignment: number;
  #written = 0;

  private constructor(file: AtomicFile, tensors: readonly GgufTensorInfo[], alignment: number) {
    this.path = file.path;
    this.tensors = tensors;
    this.#file = file;
    this.#alignment = alignment;
  }

  /**
   * Starts a file and writes its header.
   *
   * @param metadata in the order they are to have; `general.alignment` (u32) is honoured.
   * @throws {StageError} `E_OUTPUT` if it cannot be written; `E_INPUT` for metadata or tensors that
   *   no reader would take: keys or names twice, names of 64 bytes or more, rows that are no whole
   *   number of blocks, an alignment that is no power of two, numbers outside their type.
   */
  static async create(
    path: string,
    metadata: Iterable<readonly [string, GgufValue]>,
    tensors: Iterable<GgufTensorSpec>,
  ): Promise<GgufWriter> {
    const entries = [...metadata];
    const map = new GgufMetadata(path, entries);
    if (map.size !== entries.length) {
      const keys = entries.map(([key]) => key);
      throw invalid(path, `the key "${keys.find((key, i) => keys.indexOf(key) !== i)}" twice`);
    }
    if (map.has("")) throw invalid(path, "an empty key");
    const alignment = alignmentOf(map);
    const infos = place(path, tensors, alignment);
    const header = encodeHeader(path, entries, infos);
    const file = await AtomicFile.create(path);
    const writer = new GgufWriter(file, infos, alignment);
    await writer.#append(header);
    await writer.#pad(header.length);
    return writer;
  }

  /**
   * Writes the data of the next tensor.
   *
   * @param name of that tensor, which must be the next of {@link GgufWriter.tensors}.
   * @throws {StageError} `E_OUTPUT` if the disk refuses; `E_INTERNAL` for the wrong tensor or the
   *   wrong number of bytes. The file is then discarded.
   */
  async write(name: string, data: TensorData): Promise<void> {
    const info = this.tensors[this.#written];
    if (info?.name !== name) {
      await this.discard();
      throw misuse(`The tensor "${name}" was written where "${info?.name ?? "none"}" is due.`);
    }
    let bytes = 0;
    try {
      for await (const piece of ArrayBuffer.isView(data) ? [data] : data) {
        bytes += piece.byteLength;
        if (bytes > info.bytes) break;
        await this.#append(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
      }
    } catch (error) {
      await this.discard();
      throw error;
    }
    if (bytes !== info.bytes) {
      await this.discard();
      throw misuse(`The tensor "${name}" has ${info.bytes} bytes, but it was given ${bytes}.`);
    }
    await this.#pad(bytes);
    this.#written++;
  }

  /**
   * Puts the file in place under its final name.
   *
   * @throws {StageError} `E_INTERNAL` if a tensor's data is missing, `E_OUTPUT` if the disk refuses.
   */
  async commit(): Promise<WrittenFile> {
    const missing = this.tensors[this.#written];
    if (!missing) return this.#file.commit();
    await this.discard();
    throw misuse(`The tensor "${missing.name}" was not written.`);
  }

  /** Removes what was written so far. */
  discard(): Promise<void> {
    return this.#file.discard();
  }

  /** AtomicFile keeps small pieces for a while, and callers fill their buffers anew: hence a copy. */
  #append(bytes: Uint8Array): Promise<void> {
    return this.#file.write(bytes.slice());
  }

  async #pad(bytes: number): Promise<void> {
    const padding = align(bytes, this.#alignment) - bytes;
    if (padding > 0) await this.#file.write(new Uint8Array(padding));
  }
}

function place(
  path: string,
  tensors: Iterable<GgufTensorSpec>,
  alignment: number,
): GgufTensorInfo[] {
  const infos: GgufTensorInfo[] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const { name, type, shape } of tensors) {
    if (names.has(name)) throw invalid(path, `the tensor "${name}" twice`);
    names.add(name);
    if (name.includes("\0")) throw invalid(path, `the tensor name ${JSON.stringify(name)}`);
    if (Buffer.byteLength(name) >= MAX_TENSOR_NAME_BYTES) {
      throw invalid(
        path,
        `the tensor name "${name}", which has ${MAX_TENSOR_NAME_BYTES} bytes or more`,
      );
    }
    if (
      shape.length > MAX_DIMENSIONS ||
      shape.some((size) => !Number.isSafeInteger(size) || size < 0)
    ) {
      throw invalid(path, `the tensor "${name}" with the shape ${JSON.stringify(shape)}`);
    }
    const bytes = checkedBytes(path, name, type, shape);
    infos.push({ name, type, shape: [...shape], offset, bytes });
    offset = align(offset + bytes, alignment);
  }
  return infos;
}

function encodeHeader(
  path: string,
  metadata: readonly (readonly [string, GgufValue])[],
  tensors: readonly GgufTensorInfo[],
): Buffer {
  const parts: Uint8Array[] = [
    Buffer.from(GGUF_MAGIC),
    encodeU32(GGUF_VERSION),
    encodeU64(tensors.length),
    encodeU64(metadata.length),
  ];
  for (const [key, value] of metadata) {
    try {
      parts.push(encodeString(key), encodeValue(value));
    } catch (cause) {
      throw invalid(path, `"${key}" = ${value.value}, which is no ${value.type}`, cause);
    }
  }
  for (const { name, type, shape, offset } of tensors) {
    parts.push(encodeString(name), encodeU32(shape.length), ...shape.map(encodeU64));
    parts.push(encodeU32(GGML_TYPES[type].id), encodeU64(offset));
  }
  return Buffer.concat(parts);
}

const invalid = (path: string, what: string, cause?: unknown) =>
  new StageError("E_INPUT", `A GGUF file cannot hold ${what} (writing ${path}).`, { cause });

const misuse = (message: string) => new StageError("E_INTERNAL", message);
