import {
  type Device,
  dequantizeRows,
  type GgmlType,
  type GgufFile,
  type GgufTensorInfo,
  type GgufValue,
  GgufWriter,
  quantizeRows,
  rowBytes,
} from "@repotune/ggml";
import { throwIfAborted, type WrittenFile } from "@repotune/schema";
import { type Correction, MergedRows } from "./merged-rows.ts";

/** So much of a tensor, as F32, is in memory at a time. */
const PIECE_BYTES = 32 << 20;

/** What a merged file is made from. */
export interface MergeParts {
  base: GgufFile;
  /** By name of the corrected tensor. */
  corrections: ReadonlyMap<string, Correction>;
  /** Type of each tensor in the new file. */
  typeOf: (tensor: GgufTensorInfo) => GgmlType;
  /** Metadata that differ from the base's. */
  changes: Iterable<readonly [string, GgufValue]>;
  /** A CPU. */
  device: Device;
  signal?: AbortSignal | undefined;
}

/**
 * Writes a model with corrections added to its matrices: W' = W + scale · B·A.
 *
 * Metadata and vocabulary are the base's; tensors that keep their type and have no correction are
 * copied byte for byte. Only a piece of one tensor is in memory at a time.
 *
 * @throws {StageError} `E_OUTPUT`, `E_TRUNCATED`, `E_INTERRUPTED`.
 */
export async function writeMerged(path: string, parts: MergeParts): Promise<WrittenFile> {
  const { base, typeOf, changes, signal } = parts;
  const tensors = [...base.tensors.values()];
  const metadata = new Map([...base.metadata, ...changes]);
  const writer = await GgufWriter.create(
    path,
    metadata,
    tensors.map((info) => ({ name: info.name, shape: info.shape, type: typeOf(info) })),
  );
  try {
    for (const info of tensors) {
      throwIfAborted(signal);
      await writer.write(info.name, newData(info, parts));
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return writer.commit();
}

/** The data of a tensor in the new file, piece by piece. */
async function* newData(info: GgufTensorInfo, { base, corrections, typeOf, device }: MergeParts) {
  const { name, type, shape } = info;
  const [columns = 1] = shape;
  const rows = shape.slice(1).reduce((product, n) => product * n, 1);
  const perPiece = Math.min(rows, Math.max(1, Math.floor(PIECE_BYTES / (4 * columns))));
  const bytesOfRow = rowBytes(type, columns);
  const newType = typeOf(info);
  const correction = corrections.get(name);
  const merged = correction && new MergedRows(device, type, columns, perPiece, correction);
  try {
    for (let row = 0; row < rows; row += perPiece) {
      const count = Math.min(perPiece, rows - row);
      const bytes = await base.read(info, row * bytesOfRow, (row + count) * bytesOfRow);
      if (!merged && newType === type) {
        yield bytes;
        continue;
      }
      const values = merged
        ? await merged.merge(bytes, row, count)
        : dequantizeRows(type, bytes, count, columns);
      yield quantizeRows(newType, values, count, columns);
    }
  } finally {
    merged?.dispose();
  }
}
