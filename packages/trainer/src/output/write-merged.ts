import {
  type Device,
  dequantizeRows,
  type GgufFile,
  GgufWriter,
  quantizeRowsAsync,
  rowBytes,
} from "@repotune/ggml";
import { throwIfAborted, type WrittenFile } from "@repotune/schema";
import type { Correction } from "./corrections.ts";
import { type MergedTensor, type MergeType, mergedMetadata, mergedTensors } from "./merge-types.ts";
import { MergedRows } from "./merged-rows.ts";

/** So much of a tensor, as F32, is merged at a time, */
const PIECE_BYTES = 4 << 20;
/** and so many pieces are quantised at once: as many as Node has threads for such work. */
const PIECES_AT_ONCE = 4;

/** What a merged file is made from. */
export interface MergeParts {
  base: GgufFile;
  merge: MergeType;
  /** By name of the corrected matrix. */
  corrections: ReadonlyMap<string, Correction>;
  /** A CPU. */
  device: Device;
  signal?: AbortSignal | undefined;
}

/**
 * Writes a model with corrections added to its matrices: W + scale · B·A.
 *
 * Metadata and vocabulary are the base's; tensors that keep their type and have no correction are
 * copied byte for byte. Only a few pieces of one tensor are in memory at a time.
 *
 * @throws {StageError} `E_OUTPUT`, `E_TRUNCATED`, `E_INTERRUPTED`.
 */
export async function writeMerged(path: string, parts: MergeParts): Promise<WrittenFile> {
  const { base, merge, signal } = parts;
  const tensors = mergedTensors(merge, base);
  const writer = await GgufWriter.create(
    path,
    mergedMetadata(merge, base),
    tensors.map(({ source: { name, shape }, type }) => ({ name, shape, type })),
  );
  try {
    for (const tensor of tensors) {
      throwIfAborted(signal);
      await writer.write(tensor.source.name, newData(tensor, parts));
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return writer.commit();
}

/** The data of a tensor in the new file, piece by piece; the next ones are worked on meanwhile. */
async function* newData({ source, type }: MergedTensor, { base, corrections, device }: MergeParts) {
  const [columns = 1, ...others] = source.shape;
  const rows = others.reduce((product, n) => product * n, 1);
  const perPiece = Math.min(rows, Math.max(1, Math.floor(PIECE_BYTES / (4 * columns))));
  const bytesOfRow = rowBytes(source.type, columns);
  const correction = corrections.get(source.name);
  const merged = correction && new MergedRows(device, source.type, columns, perPiece, correction);
  const pending: Promise<Uint8Array>[] = [];
  try {
    for (let row = 0; row < rows; row += perPiece) {
      const count = Math.min(perPiece, rows - row);
      const bytes = await base.read(source, row * bytesOfRow, (row + count) * bytesOfRow);
      if (!merged && type === source.type) {
        yield bytes;
        continue;
      }
      const values = merged
        ? await merged.merge(bytes, row, count)
        : dequantizeRows(source.type, bytes, count, columns);
      pending.push(quantizeRowsAsync(type, values, count, columns));
      if (pending.length === PIECES_AT_ONCE) yield (await pending.shift()) as Uint8Array;
    }
    while (pending.length > 0) yield (await pending.shift()) as Uint8Array;
  } finally {
    await Promise.allSettled(pending);
    merged?.dispose();
  }
}
