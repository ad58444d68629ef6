import { type FileHandle, open, rm } from "node:fs/promises";
import { AtomicFile, type WrittenFile } from "./atomic-file.ts";
import { StageError } from "./error.ts";
import { fileSize, inputError } from "./input-file.ts";

/** Element types used here, a subset of those of the safetensors format. */
export type Dtype = keyof typeof arrayTypes;

const arrayTypes = {
  U8: Uint8Array,
  U16: Uint16Array,
  U32: Uint32Array,
  I32: Int32Array,
  I64: BigInt64Array,
  F32: Float32Array,
};

/** The typed array that holds elements of `D`. */
export type ArrayOf<D extends Dtype> = InstanceType<(typeof arrayTypes)[D]>;
type AnyArray = ArrayOf<Dtype>;

/** The format asks readers to refuse larger headers. */
const MAX_HEADER_BYTES = 100_000_000;
const COPY_BYTES = 4 << 20;

interface TensorEntry {
  dtype: Dtype;
  shape: number[];
  /** First and one-past-last byte, counted from the end of the header. */
  data_offsets: [number, number];
}

/**
 * Writes a safetensors file whose tensors grow side by side, without holding them in memory: each
 * tensor goes to a file of its own, and `commit` joins them.
 *
 * Format: https://github.com/huggingface/safetensors#format (8-byte little-endian header length, JSON
 * header, data without gaps).
 */
export class SafetensorsWriter {
  readonly path: string;
  readonly #tensors = new Map<string, { dtype: Dtype; file: AtomicFile; elements: number }>();

  constructor(path: string) {
    this.path = path;
  }

  /** Appends `values` to tensor `name`, creating it (even if `values` is empty) at first use. */
  async append<D extends Dtype>(name: string, dtype: D, values: ArrayOf<D>): Promise<void> {
    let tensor = this.#tensors.get(name);
    if (!tensor) {
      tensor = { dtype, file: await AtomicFile.create(this.#partPath(name)), elements: 0 };
      this.#tensors.set(name, tensor);
    }
    tensor.elements += values.length;
    await tensor.file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /**
   * Joins the tensors, in order of first use, into the final file.
   *
   * @param shapes of tensors that are not one-dimensional; a dimension of -1 is computed.
   * @param metadata strings for the header's `__metadata__`.
   */
  async commit(
    metadata: Record<string, string>,
    shapes: Record<string, number[]> = {},
  ): Promise<WrittenFile> {
    const header: Record<string, unknown> = { __metadata__: metadata };
    const parts: WrittenFile[] = [];
    let offset = 0;
    for (const [name, { dtype, file, elements }] of this.#tensors) {
      const part = await file.commit();
      parts.push(part);
      const given = shapes[name] ?? [elements];
      const known = given.reduce((product, n) => (n < 0 ? product : product * n), 1);
      header[name] = {
        dtype,
        shape: given.map((n) => (n < 0 ? elements / known : n)),
        data_offsets: [offset, offset + part.bytes],
      };
      offset += part.bytes;
    }
    // Spaces bring the data to a multiple of 8 bytes, as the format recommends for mapping.
    const json = Buffer.from(JSON.stringify(header));
    const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
    json.copy(padded);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));

    const output = await AtomicFile.create(this.path);
    try {
      await output.write(length);
      await output.write(padded);
      for (const part of parts) await copyInto(output, part.path);
    } catch (error) {
      await output.discard();
      throw error;
    } finally {
      for (const part of parts) await rm(part.path, { force: true });
    }
    return output.commit();
  }

  /** Removes everything written so far. */
  async discard(): Promise<void> {
    for (const [name, { file }] of this.#tensors) {
      await file.discard();
      await rm(this.#partPath(name), { force: true });
    }
  }

  #partPath(name: string): string {
    return `${this.path}.${name}.part`;
  }
}

async function copyInto(output: AtomicFile, path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(COPY_BYTES), 0, COPY_BYTES);
      if (bytesRead === 0) return;
      await output.write(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** A safetensors file, open for reading ranges of its tensors. */
export class SafetensorsFile {
  readonly path: string;
  /** The header's `__metadata__`. */
  readonly metadata: Record<string, string>;
  readonly #handle: FileHandle;
  readonly #tensors: Record<string, TensorEntry>;
  readonly #dataStart: number;

  private constructor(
    path: string,
    handle: FileHandle,
    {
      __metadata__,
      ...tensors
    }: Record<string, TensorEntry> & {
      __metadata__?: Record<string, string>;
    },
    dataStart: number,
  ) {
    this.path = path;
    this.metadata = __metadata__ ?? {};
    this.#handle = handle;
    this.#tensors = tensors;
    this.#dataStart = dataStart;
  }

  /**
   * Reads and checks the header.
   *
   * @throws {StageError} `E_NOT_FOUND`, `E_INPUT` if it is not a safetensors file, `E_TRUNCATED` if
   *   it ends before its last tensor.
   */
  static async open(path: string): Promise<SafetensorsFile> {
    const size = await fileSize(path);
    const handle = await open(path, "r").catch((cause: unknown) => {
      throw inputError(path, cause);
    });
    try {
      const start = Buffer.alloc(8);
      await handle.read(start, 0, 8, 0);
      const headerBytes = Number(start.readBigUInt64LE());
      if (size < 8 || headerBytes > MAX_HEADER_BYTES) {
        throw new StageError("E_INPUT", `${path} is not a safetensors file.`);
      }
      if (size < 8 + headerBytes) throw truncated(path, 8 + headerBytes, size);
      const json = Buffer.alloc(headerBytes);
      await handle.read(json, 0, headerBytes, 8);
      const header = parseHeader(path, json.toString("utf8"));
      const file = new SafetensorsFile(path, handle, header, 8 + headerBytes);
      const end = Math.max(0, ...Object.values(file.#tensors).map((t) => t.data_offsets[1]));
      if (size < 8 + headerBytes + end) throw truncated(path, 8 + headerBytes + end, size);
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Whether there is a tensor `name`. */
  has(name: string): boolean {
    return name in this.#tensors;
  }

  /** Shape of tensor `name`. */
  shape(name: string): number[] {
    return this.#entry(name).shape;
  }

  /** Element type of tensor `name`. */
  dtype(name: string): Dtype {
    return this.#entry(name).dtype;
  }

  /**
   * Elements `start … end` (by default all) of tensor `name`, flattened.
   *
   * @throws {StageError} `E_INPUT` if there is no such tensor.
   */
  async read(name: string, start = 0, end?: number): Promise<AnyArray> {
    const { dtype, data_offsets } = this.#entry(name);
    const ArrayType = arrayTypes[dtype];
    const width = ArrayType.BYTES_PER_ELEMENT;
    const count = (end ?? (data_offsets[1] - data_offsets[0]) / width) - start;
    const bytes = new Uint8Array(count * width);
    const base = this.#dataStart + data_offsets[0] + start * width;
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, at, bytes.length - at, base + at);
      if (bytesRead === 0) throw truncated(this.path, base + bytes.length, base + at);
      at += bytesRead;
    }
    return new ArrayType(bytes.buffer);
  }

  /** Like {@link SafetensorsFile.read}, as plain numbers (exact up to 2^53). */
  async readNumbers(name: string, start = 0, end?: number): Promise<Float64Array> {
    return Float64Array.from((await this.read(name, start, end)) as ArrayLike<number>, Number);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #entry(name: string): TensorEntry {
    const entry = this.#tensors[name];
    if (entry) return entry;
    throw new StageError("E_INPUT", `${this.path} has no tensor "${name}".`, {
      hint: `It has ${Object.keys(this.#tensors).join(", ") || "none"}.`,
    });
  }
}

function parseHeader(path: string, json: string) {
  try {
    const header = JSON.parse(json) as Record<string, TensorEntry>;
    for (const [name, entry] of Object.entries(header)) {
      if (name === "__metadata__") continue;
      const {
        dtype,
        shape,
        data_offsets: [start, end],
      } = entry;
      const elements = shape.reduce((product, n) => product * n, 1);
      if (elements * arrayTypes[dtype].BYTES_PER_ELEMENT !== end - start) throw new Error(name);
    }
    return header as Record<string, TensorEntry> & { __metadata__?: Record<string, string> };
  } catch (cause) {
    throw new StageError("E_INPUT", `${path} is not a safetensors file this program can read.`, {
      cause,
    });
  }
}

const truncated = (path: string, expected: number, actual: number) =>
  new StageError("E_TRUNCATED", `${path} is cut off: ${actual} of ${expected} bytes.`, {
    hint: "The file is incomplete: write it anew.",
  });
