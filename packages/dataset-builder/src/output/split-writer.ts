import {
  SafetensorsWriter,
  TOKEN_TENSORS,
  WINDOW_TENSORS,
  type WrittenFile,
} from "@repotune/schema";
import type { TokenDocument, TokenStream } from "../input/token-stream.ts";
import type { Row, SizedRow } from "../windows/rows.ts";

/** Documents whose offsets and origins, and windows, that are written at once. */
const BATCH_ROWS = 4_096;

/** Writes one side: its documents one after the other, then windows over them. */
export class SplitWriter {
  readonly #writer: SafetensorsWriter;
  readonly #stream: TokenStream;
  readonly #windows: string;
  #batch: TokenDocument[] = [];
  /** First token of each document, and the number of tokens. */
  readonly offsets: number[] = [0];

  /** @param objective names the tensor of windows. */
  constructor(path: string, stream: TokenStream, objective: "causal" | "context-target") {
    this.#writer = new SafetensorsWriter(path);
    this.#stream = stream;
    this.#windows = objective === "causal" ? WINDOW_TENSORS.pieces : WINDOW_TENSORS.windows;
  }

  async begin(): Promise<void> {
    const { documentOffsets, documentCommit, documentChunk, vocabularyBytes } = TOKEN_TENSORS;
    // The first use of a tensor fixes its place: wide elements first keeps all of them aligned.
    await this.#writer.append(documentOffsets, "I64", BigInt64Array.of(0n));
    await this.#writer.append(this.#windows, "I64", new BigInt64Array());
    await this.#writer.append(documentCommit, "I32", new Int32Array());
    await this.#writer.append(documentChunk, "I32", new Int32Array());
    await this.#appendIds(new Uint16Array());
    await this.#writer.append(
      vocabularyBytes,
      "U16",
      Uint16Array.from(this.#stream.vocabularyBytes),
    );
  }

  async add(document: TokenDocument): Promise<void> {
    this.offsets.push((this.offsets.at(-1) ?? 0) + document.ids.length);
    this.#batch.push(document);
    if (this.#batch.length >= BATCH_ROWS) await this.#flush();
  }

  /**
   * Writes rows of three numbers, as {@link WINDOW_TENSORS} describes them.
   *
   * @returns their number, the tokens in all of them together, and the last of them.
   */
  async addWindows(
    rows: Iterable<SizedRow>,
  ): Promise<{ count: number; lengths: number; last: Row | undefined }> {
    let count = 0;
    let lengths = 0;
    let last: Row | undefined;
    let batch: bigint[] = [];
    for (const { row, length } of rows) {
      lengths += length;
      for (const value of row) batch.push(BigInt(value));
      count += 1;
      last = row;
      if (count % BATCH_ROWS !== 0) continue;
      await this.#writer.append(this.#windows, "I64", BigInt64Array.from(batch));
      batch = [];
    }
    await this.#writer.append(this.#windows, "I64", BigInt64Array.from(batch));
    return { count, lengths, last };
  }

  async commit(metadata: Record<string, string>): Promise<WrittenFile> {
    await this.#flush();
    return this.#writer.commit(metadata, { [this.#windows]: [-1, 3] });
  }

  discard(): Promise<void> {
    return this.#writer.discard();
  }

  async #appendIds(ids: Uint16Array | Uint32Array): Promise<void> {
    const { tokens } = TOKEN_TENSORS;
    if (this.#stream.idType === "U32") {
      await this.#writer.append(tokens, "U32", Uint32Array.from(ids));
    } else await this.#writer.append(tokens, "U16", Uint16Array.from(ids));
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    const { documentOffsets, documentCommit, documentChunk, documentChangeType, lossWeights } =
      TOKEN_TENSORS;
    const ends = this.offsets.slice(this.offsets.length - batch.length).map(BigInt);
    await this.#writer.append(documentOffsets, "I64", BigInt64Array.from(ends));
    const commits = Int32Array.from(batch, ({ commit }) => commit);
    await this.#writer.append(documentCommit, "I32", commits);
    await this.#writer.append(
      documentChunk,
      "I32",
      Int32Array.from(batch, ({ chunk }) => chunk),
    );
    const types = Uint8Array.from(batch, ({ changeType }) => changeType);
    await this.#writer.append(documentChangeType, "U8", types);
    for (const document of batch) {
      await this.#appendIds(document.ids);
      await this.#writer.append(lossWeights, "U8", Uint8Array.from(document.lossWeights));
    }
    this.#batch = [];
  }
}
