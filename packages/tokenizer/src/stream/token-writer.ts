import { CHANGE_TYPES, SafetensorsWriter, TOKEN_TENSORS, type WrittenFile } from "@repotune/schema";
import type { TokenEncoder } from "../vocabulary/token-encoder.ts";
import type { EncodedDocument } from "./encode-document.ts";
import type { RenderedDocument } from "./render-history.ts";

/** Ids up to this fit in two bytes. */
const U16_IDS = 2 ** 16;
/** Change type of a commit's overview. */
const NO_CHANGE_TYPE = 255;
/** Documents whose offsets and origins are written at once. */
const BATCH_DOCUMENTS = 4_096;

/** Writes a token stream and its documents to a safetensors file, see `TOKEN_TENSORS`. */
export class TokenWriter {
  readonly #writer: SafetensorsWriter;
  readonly #isWide: boolean;
  #tokens = 0;
  #ends: bigint[] = [0n];
  #commits: number[] = [];
  #chunks: number[] = [];
  #changeTypes: number[] = [];

  private constructor(path: string, isWide: boolean) {
    this.#writer = new SafetensorsWriter(path);
    this.#isWide = isWide;
  }

  /** @throws {StageError} `E_OUTPUT`. */
  static async create(path: string, encoder: TokenEncoder): Promise<TokenWriter> {
    const writer = new TokenWriter(path, encoder.vocabulary.vocab_size > U16_IDS);
    try {
      // The first use of a tensor fixes its place: wide elements first keeps all of them aligned.
      const { documentOffsets, documentCommit, documentChunk, vocabularyBytes } = TOKEN_TENSORS;
      await writer.#writer.append(documentOffsets, "I64", new BigInt64Array());
      await writer.#writer.append(documentCommit, "I32", new Int32Array());
      await writer.#writer.append(documentChunk, "I32", new Int32Array());
      await writer.#appendIds([]);
      const bytes = Uint16Array.from(encoder.tokenBytes, ({ length }) => length);
      await writer.#writer.append(vocabularyBytes, "U16", bytes);
      await writer.#flush();
    } catch (error) {
      await writer.discard();
      throw error;
    }
    return writer;
  }

  async add(
    { commitNumber, chunkIndex, changeType }: RenderedDocument,
    { ids, weights }: EncodedDocument,
  ): Promise<void> {
    await this.#appendIds(ids);
    await this.#writer.append(TOKEN_TENSORS.lossWeights, "U8", Uint8Array.from(weights));
    this.#tokens += ids.length;
    this.#ends.push(BigInt(this.#tokens));
    this.#commits.push(commitNumber);
    this.#chunks.push(chunkIndex);
    this.#changeTypes.push(changeType ? CHANGE_TYPES.indexOf(changeType) : NO_CHANGE_TYPE);
    if (this.#commits.length >= BATCH_DOCUMENTS) await this.#flush();
  }

  async commit(metadata: Record<string, string>): Promise<WrittenFile> {
    await this.#flush();
    return this.#writer.commit(metadata);
  }

  discard(): Promise<void> {
    return this.#writer.discard();
  }

  async #appendIds(ids: readonly number[]): Promise<void> {
    const { tokens } = TOKEN_TENSORS;
    if (this.#isWide) await this.#writer.append(tokens, "U32", Uint32Array.from(ids));
    else await this.#writer.append(tokens, "U16", Uint16Array.from(ids));
  }

  async #flush(): Promise<void> {
    const { documentOffsets, documentCommit, documentChunk, documentChangeType } = TOKEN_TENSORS;
    await this.#writer.append(documentOffsets, "I64", BigInt64Array.from(this.#ends));
    await this.#writer.append(documentCommit, "I32", Int32Array.from(this.#commits));
    await this.#writer.append(documentChunk, "I32", Int32Array.from(this.#chunks));
    await this.#writer.append(documentChangeType, "U8", Uint8Array.from(this.#changeTypes));
    this.#changeTypes = [];
    this.#ends = [];
    this.#commits = [];
    this.#chunks = [];
  }
}
