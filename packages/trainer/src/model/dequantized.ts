import { dequantizeRows, type GgufFile, tensorBytes } from "@repotune/ggml";
import { StageError } from "@repotune/schema";

/** Numbers converted at a time. */
const CHUNK_ELEMENTS = 16 << 20;

/**
 * Reads a weight as `F32`, some rows at a time.
 *
 * @param visit takes numbers, and the place of the first of them in the weight.
 */
export async function readDequantized(
  file: GgufFile,
  name: string,
  shape: readonly number[],
  visit: (values: Float32Array, start: number) => void,
): Promise<void> {
  const info = file.tensor(name);
  const [columns = 1, rows = 1] = shape;
  const step = Math.max(1, Math.floor(CHUNK_ELEMENTS / columns));
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    const start = tensorBytes(info.type, [columns, row]);
    const bytes = await file.read(info, start, start + tensorBytes(info.type, [columns, count]));
    visit(dequantizeRows(info.type, bytes, count, columns), row * columns);
  }
}

/**
 * As {@link readDequantized}, of a weight that is to be trained.
 *
 * @throws {StageError} `E_INPUT` for elements that are infinite or no numbers.
 */
export const readFinite: typeof readDequantized = (file, name, shape, visit) =>
  readDequantized(file, name, shape, (values, start) => {
    const stranger = values.findIndex((value) => !Number.isFinite(value));
    if (stranger < 0) return visit(values, start);
    throw new StageError(
      "E_INPUT",
      `${file.path} has ${values[stranger]} as element ${start + stranger} of "${name}".`,
      { hint: "The file is damaged, or was so when it was made: get it anew." },
    );
  });
