import { type StageContext, StageError, throwIfAborted, type WrittenFile } from "@repotune/schema";
import { native } from "../native/load.ts";
import { dequantizeRows, quantizeRowsAsync } from "../quantize.ts";
import { GGML_TYPES, type GgmlType, isQuantized, rowBytes } from "../types.ts";
import { GgufFile } from "./file.ts";
import {
  QUANTIZATION_RECIPES,
  type QuantizationRecipe,
  quantizedTensors,
} from "./quantization-recipe.ts";
import { SPLIT_KEYS } from "./split-name.ts";
import type { GgufTensorInfo } from "./tensor-info.ts";
import type { GgufValue } from "./value.ts";
import { GgufWriter } from "./writer.ts";

/** Elements converted at a time; as F32 they take 4 MiB. */
const PIECE_ELEMENTS = 1 << 20;

/** As many threads as Node has for such work, unless UV_THREADPOOL_SIZE says otherwise. */
const PIECES_AT_ONCE = 4;

/** `GGML_QNT_VERSION` (ggml.h). */
const QUANTIZATION_VERSION = 2;

/** How a model is quantised. */
export interface QuantizeOptions extends Pick<StageContext, "signal" | "onProgress"> {
  /**
   * Converts tensors that are quantised already, too. The result is worse than what quantising the
   * original gives.
   *
   * @default false
   */
  allowRequantize?: boolean;
}

/**
 * Writes a model in another quantisation, as `llama-quantize` does: the same file, byte for byte.
 *
 * Few rows at a time are in memory. A split model becomes one file. The tests compare with
 * `llama_model_quantize` (llama.h), `bench/llama-tools.sh` with the tool itself.
 *
 * @param source in F32, F16 or BF16.
 * @throws {StageError} what {@link GgufFile.open} throws; `E_USAGE` for an unknown recipe;
 *   `E_UNSUPPORTED` if the source is quantised already; `E_INPUT` for numbers that are not finite, or
 *   too large for the type; `E_OUTPUT` if the result cannot be written; `E_INTERRUPTED`. There is no
 *   target then.
 */
export async function quantizeFile(
  source: string,
  target: string,
  recipe: QuantizationRecipe,
  { allowRequantize = false, signal, onProgress }: QuantizeOptions = {},
): Promise<WrittenFile> {
  const file = await GgufFile.open(source);
  try {
    const tensors = quantizedTensors(recipe, file.metadata, file.tensors.values());
    if (!allowRequantize) refuseQuantized(file, tensors);
    const writer = await GgufWriter.create(
      target,
      quantizedMetadata(file, recipe),
      tensors.map(({ source: { name, shape }, type }) => ({ name, shape, type })),
    );
    const total = tensors.reduce((sum, tensor) => sum + tensor.source.bytes, 0);
    let done = 0;
    for (const { source: info, type } of tensors) {
      await writer.write(info.name, converted(file, info, type, signal));
      done += info.bytes;
      onProgress?.({ stage: "ggml", done, total, unit: "bytes" });
    }
    await file.close(); // Windows does not replace a file that is open.
    return await writer.commit();
  } finally {
    await file.close();
  }
}

function quantizedMetadata(file: GgufFile, recipe: QuantizationRecipe): [string, GgufValue][] {
  const added: [string, GgufValue][] = [
    ["general.quantization_version", { type: "u32", value: QUANTIZATION_VERSION }],
    ["general.file_type", { type: "u32", value: QUANTIZATION_RECIPES[recipe].fileType }],
  ];
  const replaced = [...added.map(([key]) => key), ...SPLIT_KEYS];
  return [...[...file.metadata].filter(([key]) => !replaced.includes(key)), ...added];
}

function refuseQuantized(
  file: GgufFile,
  tensors: readonly { source: GgufTensorInfo; type: GgmlType }[],
): void {
  const lossy = tensors.find(
    ({ source, type }) => source.type !== type && isQuantized(source.type),
  );
  if (!lossy) return;
  const { name, type } = lossy.source;
  throw new StageError("E_UNSUPPORTED", `${file.path} is quantised: it has "${name}" in ${type}.`, {
    hint: "Quantise the original in F32, F16 or BF16, or allow quantising again at a loss of quality.",
  });
}

/** A tensor's data in another type, piece by piece; the next pieces are worked on meanwhile. */
async function* converted(
  file: GgufFile,
  info: GgufTensorInfo,
  type: GgmlType,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const [columns = 1] = info.shape;
  const piece = rowBytes(info.type, columns) * Math.max(1, Math.floor(PIECE_ELEMENTS / columns));
  const pending: Promise<Uint8Array>[] = [];
  try {
    for (let at = 0; at < info.bytes; at += piece) {
      throwIfAborted(signal);
      pending.push(convertedPiece(file, info, type, at, Math.min(at + piece, info.bytes)));
      if (pending.length === PIECES_AT_ONCE) yield (await pending.shift()) as Uint8Array;
    }
    while (pending.length > 0) yield (await pending.shift()) as Uint8Array;
  } finally {
    await Promise.allSettled(pending); // They read the file, which is about to be closed.
  }
}

async function convertedPiece(
  file: GgufFile,
  info: GgufTensorInfo,
  type: GgmlType,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const data = await file.read(info, start, end);
  const [columns = 1] = info.shape;
  const rows = data.length / rowBytes(info.type, columns);
  const result =
    info.type === type
      ? data
      : await quantizeRowsAsync(
          type,
          dequantizeRows(info.type, data, rows, columns),
          rows,
          columns,
        );
  if (native().ggml_validate_row_data(GGML_TYPES[type].id, result, result.length)) return result;
  throw new StageError(
    "E_INPUT",
    `${file.path} has numbers in "${info.name}" that are not finite, or too large for ${type}.`,
    { hint: "The file is damaged, or the model was trained badly." },
  );
}
