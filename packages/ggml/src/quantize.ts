import { StageError } from "@repotune/schema";
import { native } from "./native/load.ts";
import type { Pointer } from "./native/signature.ts";
import { GGML_TYPES, type GgmlType, rowBytes } from "./types.ts";

/** Offset of `to_float` in `struct ggml_type_traits` (ggml.h) where pointers take 8 bytes. */
const TO_FLOAT_OFFSET = 40;

/**
 * Converts `rows` × `columns` numbers to `type`, with ggml's own kernels.
 *
 * @returns `rows * rowBytes(type, columns)` bytes.
 * @throws {StageError} `E_INPUT` if the sizes do not fit, `E_UNSUPPORTED` for integer types and
 *   types that need an importance matrix.
 */
export function quantizeRows(
  type: GgmlType,
  values: Float32Array,
  rows: number,
  columns: number,
): Uint8Array {
  const { id, bytes } = target(type, values, rows, columns);
  native().ggml_quantize_chunk(id, values, bytes, 0, rows, columns, null);
  return bytes;
}

/** As {@link quantizeRows}, on another thread; several calls run at once. Do not change `values`. */
export async function quantizeRowsAsync(
  type: GgmlType,
  values: Float32Array,
  rows: number,
  columns: number,
): Promise<Uint8Array> {
  const { id, bytes } = target(type, values, rows, columns);
  const inputs = [values]; // kept in use, so that their memory stays where it is
  await native().quantizeAsync(id, values, bytes, 0, rows, columns, null);
  inputs.length = 0;
  return bytes;
}

/** The memory for the result, after checking what ggml would end the process for. */
function target(type: GgmlType, values: Float32Array, rows: number, columns: number) {
  checkCount(values.length, rows * columns, rows, columns, type);
  const bytes = new Uint8Array(rows * rowBytes(type, columns));
  const { id } = GGML_TYPES[type];
  if (isNoTarget(type) || native().ggml_quantize_requires_imatrix(id)) {
    throw new StageError("E_UNSUPPORTED", `Numbers cannot be converted to ${type}.`);
  }
  return { id, bytes };
}

/** Integers, and the types that only activations get inside products. */
const isNoTarget = (type: GgmlType): boolean => /^(I\d+|F64|Q8_1|Q8_K)$/.test(type);

/**
 * The inverse of {@link quantizeRows}, as far as there is one.
 *
 * @returns `rows * columns` numbers.
 * @throws {StageError} `E_INPUT` if the sizes do not fit, `E_UNSUPPORTED` for integer types.
 */
export function dequantizeRows(
  type: GgmlType,
  bytes: Uint8Array,
  rows: number,
  columns: number,
): Float32Array {
  checkCount(bytes.length, rows * rowBytes(type, columns), rows, columns, type);
  if (type === "F32") return new Float32Array(bytes.slice().buffer);
  const { ggml_get_type_traits, decode, call } = native();
  const traits = ggml_get_type_traits(GGML_TYPES[type].id);
  const toFloat = decode(traits, TO_FLOAT_OFFSET, "void *") as Pointer;
  if (toFloat === null) {
    throw new StageError("E_UNSUPPORTED", `${type} cannot be converted to numbers.`);
  }
  const values = new Float32Array(rows * columns);
  call(toFloat, "ggml_to_float_t", bytes, values, values.length);
  return values;
}

function checkCount(actual: number, expected: number, rows: number, columns: number, type: string) {
  if (actual === expected) return;
  throw new StageError(
    "E_INPUT",
    `${rows} rows of ${columns} as ${type} take ${expected} elements or bytes, not ${actual}.`,
  );
}
