import { join } from "node:path";
import {
  type Dataset,
  DatasetSchema,
  readJsonFile,
  SafetensorsFile,
  SPLIT_SIDES,
  type SplitSide,
  StageError,
  TOKEN_TENSORS,
  WINDOW_TENSORS,
} from "@repotune/schema";

const ROW = 3;

/** One side of a dataset, open for reading. */
export interface OpenSide {
  side: SplitSide;
  file: SafetensorsFile;
  idType: "U16" | "U32";
  /** Tokens in all. */
  tokens: number;
  /** First token of each document, and at the end the number of tokens. */
  offsets: Float64Array;
  /** First, first predicted and one-past-last token of each piece or window, as rows of three, by start. */
  rows: Float64Array;
}

/** A dataset, open for reading. */
export interface OpenDataset {
  folder: string;
  description: Dataset;
  sides: OpenSide[];
  close(): Promise<void>;
}

/**
 * Opens a dataset folder and checks that its files are what they should be.
 *
 * @throws {StageError} `E_NOT_FOUND`, `E_INPUT`, `E_TRUNCATED`, `E_SCHEMA_VERSION`, or `E_MISMATCH` if a
 *   side's file is of another vocabulary than `dataset.json`.
 */
export async function openDataset(folder: string): Promise<OpenDataset> {
  const description = await readJsonFile(join(folder, "dataset.json"), DatasetSchema);
  const sides: OpenSide[] = [];
  const close = async () => {
    for (const { file } of sides) await file.close();
  };
  try {
    for (const side of SPLIT_SIDES) sides.push(await openSide(folder, side, description));
    return { folder, description, sides, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openSide(folder: string, side: SplitSide, description: Dataset): Promise<OpenSide> {
  const file = await SafetensorsFile.open(join(folder, description.splits[side].file));
  try {
    checkVocabulary(file, description);
    const idType = file.dtype(TOKEN_TENSORS.tokens);
    const [tokens = 0] = file.shape(TOKEN_TENSORS.tokens);
    const offsets = await file.readNumbers(TOKEN_TENSORS.documentOffsets);
    if ((idType !== "U16" && idType !== "U32") || offsets.at(-1) !== tokens) {
      throw new StageError(
        "E_INPUT",
        `${file.path} contradicts itself: its documents do not end where its tokens do.`,
        {
          hint: "Build the dataset anew: repotune build.",
        },
      ); // prettier-ignore
    }
    const rows = await readRows(file, description.objective, tokens);
    return { side, file, idType, tokens, offsets, rows };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function checkVocabulary(file: SafetensorsFile, { vocabulary }: Dataset): void {
  const [size = 0] = file.shape(TOKEN_TENSORS.vocabularyBytes);
  const own = JSON.parse(file.metadata.vocabulary ?? "null") as { vocabulary_hash?: string } | null;
  const isSame = own === null || own.vocabulary_hash === vocabulary.vocabulary_hash;
  if (isSame && size === vocabulary.vocab_size) return;
  throw new StageError(
    "E_MISMATCH",
    `${file.path} is of another vocabulary than the dataset.json beside it.`,
    { hint: "The folder holds files of two datasets: build it anew." },
  );
}

/** Rows (first, first predicted, one past the last token), in the order of their starts. */
async function readRows(
  file: SafetensorsFile,
  objective: Dataset["objective"],
  tokens: number,
): Promise<Float64Array> {
  const isPacked = objective === "causal";
  const raw = await file.readNumbers(isPacked ? WINDOW_TENSORS.pieces : WINDOW_TENSORS.windows);
  const starts = Float64Array.from({ length: raw.length / ROW }, (_, row) =>
    Number(raw[ROW * row + (isPacked ? 1 : 0)]),
  );
  const order = Uint32Array.from(starts.keys()).sort(
    (a, b) => (starts[a] as number) - (starts[b] as number),
  );
  const rows = new Float64Array(raw.length);
  for (const [at, row] of order.entries()) {
    const [a = 0, b = 0, c = 0] = raw.subarray(ROW * row, ROW * row + ROW);
    const sorted = isPacked ? [b, b + 1, b + c] : [a, b, c];
    const [start = 0, predicted = 0, end = 0] = sorted;
    if (!(start >= 0 && start < predicted && predicted <= end && end <= tokens)) {
      throw new StageError(
        "E_INPUT",
        `${file.path} has a window from token ${start} to ${end}, of ${tokens} tokens.`,
        { hint: "The file is damaged: build the dataset anew." },
      );
    }
    rows.set(sorted, ROW * at);
  }
  return rows;
}
