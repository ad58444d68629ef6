import { createHash } from "node:crypto";
import { SafetensorsFile, SafetensorsWriter, StageError } from "@repotune/schema";
import type { Parameter } from "./model/parameter.ts";

/** What of a parameter a file holds. */
export type ParameterPart = "value" | "mean" | "variance";

/** Read at a time to check a file. */
const CHUNK_ELEMENTS = 4 << 20;

/**
 * Writes parts of parameters: one tensor for each part, all parameters one after another. (The format
 * knows no limit on tensors, but a writer that grows them side by side needs an open file for each.)
 *
 * @param metadata strings to keep with them.
 */
export async function writeParameters(
  path: string,
  parameters: readonly Parameter[],
  parts: readonly ParameterPart[],
  metadata: Record<string, string>,
): Promise<void> {
  const writer = new SafetensorsWriter(path);
  const hash = createHash("sha256");
  try {
    for (const part of parts) {
      const isPlain = parameters.every((parameter) => parameter[part].type === "F32");
      for (const { [part]: tensor } of parameters) {
        const bytes = tensor.readInto(new Uint8Array(tensor.bytes));
        hash.update(bytes);
        if (isPlain) await writer.append(part, "F32", new Float32Array(bytes.buffer));
        else await writer.append(part, "U8", bytes);
      }
    }
    const layout = parameters.map(({ name, shape }) => ({ name, shape }));
    const described = {
      ...metadata,
      parameters: JSON.stringify(layout),
      parts: JSON.stringify(parts),
    };
    hash.update(JSON.stringify(described));
    await writer.commit({ ...described, sha256: hash.digest("hex") });
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** A file that {@link writeParameters} wrote, open for reading. */
export class ParameterFile {
  readonly metadata: Record<string, string>;
  readonly #file: SafetensorsFile;

  private constructor(file: SafetensorsFile) {
    this.#file = file;
    this.metadata = file.metadata;
  }

  /** @throws {StageError} `E_NOT_FOUND`, `E_INPUT` or `E_TRUNCATED`. */
  static async open(path: string): Promise<ParameterFile> {
    return new ParameterFile(await SafetensorsFile.open(path));
  }

  /**
   * Makes sure that every byte is as it was written.
   *
   * @throws {StageError} `E_INPUT`.
   */
  async check(): Promise<void> {
    const hash = createHash("sha256");
    for (const part of JSON.parse(this.metadata.parts ?? "[]") as ParameterPart[]) {
      const [elements = 0] = this.#file.shape(part);
      for (let at = 0; at < elements; at += CHUNK_ELEMENTS) {
        const end = Math.min(at + CHUNK_ELEMENTS, elements);
        hash.update(new Uint8Array((await this.#file.read(part, at, end)).buffer));
      }
    }
    const { sha256, ...described } = this.metadata;
    hash.update(JSON.stringify(described));
    if (hash.digest("hex") === sha256) return;
    throw new StageError("E_INPUT", `${this.#file.path} is damaged.`);
  }

  /** Copies parts of the parameters to their tensors. */
  async read(parameters: readonly Parameter[], parts: readonly ParameterPart[]): Promise<void> {
    for (const part of parts) {
      const width = this.#file.dtype(part) === "F32" ? 4 : 1;
      let at = 0;
      for (const { [part]: tensor } of parameters) {
        const elements = tensor.bytes / width;
        tensor.write(await this.#file.read(part, at, at + elements));
        at += elements;
      }
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
