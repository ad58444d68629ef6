import { StageError, TOKEN_TENSORS } from "@repotune/schema";
import type { OpenSide } from "./open-dataset.ts";

/** Tokens read at once. */
const BLOCK_TOKENS = 1 << 20;

/** A stretch of tokens that belong together: a document, a piece of one, or a window. */
export interface Example {
  ids: Uint16Array | Uint32Array;
  /** Percent. */
  lossWeights: Uint8Array;
  /** Where prediction begins: tokens before it are given. */
  predictFrom: number;
}

/** The pieces or windows of a side, from row `first` to before row `end`. */
export function rowExamples(
  side: OpenSide,
  first = 0,
  end = side.rows.length / 3,
): AsyncGenerator<Example> {
  const { rows } = side;
  return examples(
    side,
    end - first,
    (i) => rows.subarray(3 * (first + i), 3 * (first + i) + 3) as ArrayLike<number>,
  );
}

/** The documents of a side, whole. */
export function documentExamples(side: OpenSide): AsyncGenerator<Example> {
  const { offsets } = side;
  return examples(side, offsets.length - 1, (d) => {
    const start = offsets[d] as number;
    return [start, start + 1, offsets[d + 1] as number];
  });
}

/** Reads stretches whose starts ascend, through a block that moves along. */
async function* examples(
  { file }: OpenSide,
  count: number,
  stretchAt: (i: number) => ArrayLike<number>,
): AsyncGenerator<Example> {
  const [total = 0] = file.shape(TOKEN_TENSORS.tokens);
  const [vocabularySize = 0] = file.shape(TOKEN_TENSORS.vocabularyBytes);
  let blockStart = 0;
  let ids: Uint16Array | Uint32Array = new Uint16Array();
  let weights = new Uint8Array();
  for (let i = 0; i < count; i++) {
    const { 0: start = 0, 1: predicted = 0, 2: end = 0 } = stretchAt(i);
    if (end > blockStart + ids.length) {
      const blockEnd = Math.min(total, Math.max(end, start + BLOCK_TOKENS));
      ids = (await file.read(TOKEN_TENSORS.tokens, start, blockEnd)) as typeof ids;
      weights = (await file.read(TOKEN_TENSORS.lossWeights, start, blockEnd)) as typeof weights;
      blockStart = start;
      checkIds(ids, vocabularySize, file.path, start);
    }
    yield {
      ids: ids.subarray(start - blockStart, end - blockStart),
      lossWeights: weights.subarray(start - blockStart, end - blockStart),
      predictFrom: predicted - start,
    };
  }
}

function checkIds(ids: Uint16Array | Uint32Array, size: number, path: string, start: number) {
  const at = ids.findIndex((id: number) => id >= size);
  if (at < 0) return;
  throw new StageError(
    "E_MISMATCH",
    `${path} has the id ${ids[at]} as token ${start + at}, but its vocabulary ends at ${size - 1}.`,
    { hint: "Write the dataset anew, with the tokens of one vocabulary." },
  );
}
