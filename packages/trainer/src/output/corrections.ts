import { dequantizeRows, type GgufFile, isQuantized, quantizeRows, rowBytes } from "@repotune/ggml";
import type { LoraOptions } from "../model/lora.ts";
import type { Model } from "../model/model.ts";
import { Random } from "../random.ts";
import { type MergeType, mergedTensors } from "./merge-types.ts";

/** A low-rank correction of a matrix `[in, out]`, in host memory. */
export interface Correction {
  /** `[in, rank]` */
  a: Float32Array;
  /** `[rank, out]` */
  b: Float32Array;
  rank: number;
  scale: number;
}

/** Low-rank corrections by the name of the matrix. */
export type Corrections = ReadonlyMap<string, Correction>;

/** The corrections that a model was trained to; none if it was trained as a whole. */
export function correctionsOf(model: Model): Corrections {
  const corrections = new Map<string, Correction>();
  for (const { name, lora } of model.weights) {
    if (!lora) continue;
    const { a, b, scale } = lora;
    const [, rank = 1] = a.shape;
    corrections.set(name, { a: a.value.read(), b: b.value.read(), rank, scale });
  }
  return corrections;
}

/** The options with which a base gets corrections of the same shapes. */
export function loraOf(corrections: Corrections): LoraOptions {
  const targets = new Set([...corrections.keys()].map((name) => name.split(".").at(-2) ?? name));
  const [{ rank, scale } = { rank: 1, scale: 1 }] = corrections.values();
  return { rank, alpha: scale * rank, targets: [...targets], seed: 0 };
}

/** Rank of random errors: a sum of so many products is nearly normal. */
const ERROR_RANK = 16;
/** Numbers of a matrix that its size is estimated from. */
const ESTIMATED_FROM = 1 << 16;

/**
 * Random errors as large as those of writing each matrix in its new type: what that costs a model at
 * the least. Quantising a matrix that is quantised already would find its numbers on the grid and
 * cost nothing; that of a merged one are anywhere.
 */
export async function randomErrors(
  base: GgufFile,
  merge: MergeType,
  seed: number,
): Promise<Corrections> {
  const random = new Random(seed);
  const normals = (count: number) => new Float32Array(count).map(() => random.normal());
  const relative = new Map<string, number>();
  const errors = new Map<string, Correction>();
  for (const { source, type } of mergedTensors(merge, base)) {
    const [columns = 1, rows = 1] = source.shape;
    if (!isQuantized(type)) continue;
    if (!relative.has(type)) {
      const values = normals(ESTIMATED_FROM);
      const size = 256; // whole blocks of every type
      const bytes = quantizeRows(type, values, values.length / size, size);
      const written = dequantizeRows(type, bytes, values.length / size, size);
      relative.set(type, rootMeanSquare(written.map((value, i) => value - (values[i] as number))));
    }
    const sampled = Math.max(1, Math.min(rows, Math.floor(ESTIMATED_FROM / columns)));
    const bytes = await base.read(source, 0, sampled * rowBytes(source.type, columns));
    const size = rootMeanSquare(dequantizeRows(source.type, bytes, sampled, columns));
    errors.set(source.name, {
      a: normals(columns * ERROR_RANK),
      b: normals(ERROR_RANK * rows),
      rank: ERROR_RANK,
      scale: (size * (relative.get(type) as number)) / Math.sqrt(ERROR_RANK),
    });
  }
  return errors;
}

const rootMeanSquare = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
