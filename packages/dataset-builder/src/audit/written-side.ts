import { join } from "node:path";
import { SafetensorsFile, type SplitSide, TOKEN_TENSORS, WINDOW_TENSORS } from "@repotune/schema";

/** Tokens read at once. */
const BLOCK_TOKENS = 1 << 20;
/** Numbers of a row of pieces or windows. */
const ROW = 3;

/** What the audit reads of a side's file. */
export interface WrittenSide {
  side: SplitSide;
  file: SafetensorsFile;
  /** First token of each document, and at the end the number of tokens. */
  offsets: Float64Array;
  /** `commit_number` of each document. */
  commits: Float64Array;
  /** Number of pieces or windows. */
  rows: number;
  /** First and one-past-last token of a piece or window. */
  rowAt: (row: number) => readonly [start: number, end: number];
}

/** Opens `<side>.safetensors` of a dataset; the caller closes its file. */
export async function openWrittenSide(folder: string, side: SplitSide): Promise<WrittenSide> {
  const file = await SafetensorsFile.open(join(folder, `${side}.safetensors`));
  try {
    const { pieces, windows } = WINDOW_TENSORS;
    const isPacked = file.has(pieces);
    const values = await file.readNumbers(isPacked ? pieces : windows);
    return {
      side,
      file,
      offsets: await file.readNumbers(TOKEN_TENSORS.documentOffsets),
      commits: await file.readNumbers(TOKEN_TENSORS.documentCommit),
      rows: values.length / ROW,
      rowAt: (row) => {
        const [first = 0, second = 0, third = 0] = values.subarray(ROW * row, ROW * row + ROW);
        return isPacked ? [second, second + third] : [first, third];
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The ids of each document, in order. */
export async function* documentIds({
  file,
  offsets,
}: WrittenSide): AsyncGenerator<{ ids: Uint16Array | Uint32Array }> {
  for (let first = 0; first + 1 < offsets.length; ) {
    const start = offsets[first] as number;
    let end = first + 1;
    while (end + 1 < offsets.length && (offsets[end + 1] as number) - start <= BLOCK_TOKENS) end++;
    const block = await file.read(TOKEN_TENSORS.tokens, start, offsets[end]);
    for (; first < end; first++) {
      const [from, to] = [offsets[first] as number, offsets[first + 1] as number];
      yield { ids: block.subarray(from - start, to - start) as Uint16Array | Uint32Array };
    }
  }
}
