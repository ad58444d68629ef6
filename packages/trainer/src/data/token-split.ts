import { SafetensorsFile, StageError, TOKEN_TENSORS, WINDOW_TENSORS } from "@repotune/schema";
import type { Piece, Sequence } from "./sequence.ts";

/** One split of a dataset, read a sequence at a time. */
export class TokenSplit {
  /** Sequences in the split. */
  readonly length: number;
  /** Bytes of text that each id stands for; 0 for structure. */
  readonly vocabularyBytes: ArrayLike<number>;
  readonly #file: SafetensorsFile;
  /** Start, first predicted token and end of each piece, in the order of the file. */
  readonly #pieces: readonly Float64Array[];
  /** First piece of each sequence, and at the end the number of pieces. */
  readonly #firstPiece: readonly number[];
  readonly #vocabularySize: number;

  private constructor(
    file: SafetensorsFile,
    vocabularyBytes: ArrayLike<number>,
    pieces: readonly Float64Array[],
    firstPiece: readonly number[],
  ) {
    this.#file = file;
    this.vocabularyBytes = vocabularyBytes;
    this.#vocabularySize = vocabularyBytes.length;
    this.#pieces = pieces;
    this.#firstPiece = firstPiece;
    this.length = firstPiece.length - 1;
  }

  /**
   * Opens `<split>.safetensors` of a dataset.
   *
   * @param sequenceLength longest sequence that may occur.
   * @throws {StageError} `E_NOT_FOUND`, `E_TRUNCATED`, or `E_INPUT` if pieces are not as the format
   *   says.
   */
  static async open(
    path: string,
    objective: "causal" | "context-target",
    sequenceLength: number,
  ): Promise<TokenSplit> {
    const file = await SafetensorsFile.open(path);
    try {
      const bytes = await file.read(TOKEN_TENSORS.vocabularyBytes);
      const { pieces, firstPiece } =
        objective === "causal"
          ? packed(await file.readNumbers(WINDOW_TENSORS.pieces))
          : windows(await file.readNumbers(WINDOW_TENSORS.windows));
      check(path, pieces, firstPiece, file.shape(TOKEN_TENSORS.tokens)[0] ?? 0, sequenceLength);
      return new TokenSplit(file, Uint16Array.from(bytes as Uint16Array), pieces, firstPiece);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Reads sequence `index`.
   *
   * @throws {StageError} `E_MISMATCH` for an id outside the vocabulary, `E_INPUT` for a loss weight
   *   above 100 percent.
   */
  async read(index: number): Promise<Sequence> {
    const rows = this.#pieces.slice(this.#firstPiece[index], this.#firstPiece[index + 1]);
    return Promise.all(rows.map((row) => this.#readPiece(row)));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #readPiece([start = 0, predictFrom = 0, end = 0]: Float64Array): Promise<Piece> {
    const tokens = (await this.#file.read(TOKEN_TENSORS.tokens, start, end)) as Uint32Array;
    const lossWeights = (await this.#file.read(
      TOKEN_TENSORS.lossWeights,
      start,
      end,
    )) as Uint8Array;
    const stranger = tokens.findIndex((id) => id >= this.#vocabularySize);
    if (stranger >= 0) {
      throw new StageError(
        "E_MISMATCH",
        `${this.#file.path} has the id ${tokens[stranger]} as token ${start + stranger}, but its vocabulary ends at ${this.#vocabularySize - 1}.`,
        { hint: "Write the dataset anew, with the tokens of one vocabulary." },
      );
    }
    const excess = lossWeights.findIndex((percent) => percent > 100);
    if (excess >= 0) {
      throw new StageError(
        "E_INPUT",
        `${this.#file.path} has the loss weight ${lossWeights[excess]} for token ${start + excess}; weights are percents.`,
        { hint: "The file is damaged: write the dataset anew." },
      );
    }
    return { tokens, lossWeights, predictFrom: predictFrom - start };
  }
}

/** Rows (sequence, start, length); those of a sequence are adjacent. */
function packed(rows: Float64Array) {
  const pieces: Float64Array[] = [];
  const firstPiece: number[] = [];
  for (let i = 0; i < rows.length; i += 3) {
    const [sequence, start = 0, length = 0] = rows.subarray(i, i + 3);
    if (i === 0 || sequence !== rows[i - 3]) firstPiece.push(pieces.length);
    pieces.push(Float64Array.of(start, start + 1, start + length));
  }
  return { pieces, firstPiece: [...firstPiece, pieces.length] };
}

/** Rows (start, target start, end), each a sequence of its own. */
function windows(rows: Float64Array) {
  const pieces: Float64Array[] = [];
  for (let i = 0; i < rows.length; i += 3) {
    const [start = 0, target = 0, end = 0] = rows.subarray(i, i + 3);
    pieces.push(Float64Array.of(start, Math.max(target, start + 1), end));
  }
  return { pieces, firstPiece: [...pieces.keys(), pieces.length] };
}

function check(
  path: string,
  pieces: readonly Float64Array[],
  firstPiece: readonly number[],
  tokens: number,
  sequenceLength: number,
): void {
  for (const [start = 0, , end = 0] of pieces) {
    if (0 <= start && start < end && end <= tokens) continue;
    throw new StageError(
      "E_INPUT",
      `${path} has a piece from token ${start} to ${end}, of ${tokens} tokens.`,
    );
  }
  for (let s = 0; s + 1 < firstPiece.length; s++) {
    const rows = pieces.slice(firstPiece[s], firstPiece[s + 1]);
    const length = rows.reduce((sum, [start = 0, , end = 0]) => sum + end - start, 0);
    if (length <= sequenceLength) continue;
    throw new StageError(
      "E_INPUT",
      `${path} has a sequence of ${length} tokens; dataset.json allows ${sequenceLength}.`,
    );
  }
}
