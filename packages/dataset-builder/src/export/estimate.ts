import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { StageError } from "@repotune/schema";
import type { OpenDataset } from "./open-dataset.ts";
import type { ExportOptions } from "./options.ts";
import { PARQUET_TOKEN_BYTES, rowTokens } from "./parquet.ts";
import { WINDOW_TOKEN_BYTES, windowShape } from "./safetensors.ts";

/**
 * Of what ids, masks and labels take raw, so much is left in Parquet: a mask of ones takes nothing, a
 * dictionary packs the rest, and overlapping windows repeat themselves. Measured on ripgrep's history
 * with a vocabulary of 4,096: 0.13 for pieces, 0.02 for windows. Larger vocabularies take more.
 */
const PARQUET_SHARE = { causal: 0.2, "context-target": 0.05 };
/** Three arrays a side. */
const NPY_HEADERS = 3 * 128;
/** Escapes in JSON strings: line feeds, quotation marks, tabs. */
const JSON_GROWTH = 1.15;

/** Bytes that an export will take, from a bit too high. */
export function estimateBytes(dataset: OpenDataset, { format }: ExportOptions): number {
  const { splits, objective } = dataset.description;
  let bytes = 0;
  for (const side of dataset.sides) {
    const rows = side.rows.length / 3;
    const documents = side.offsets.length - 1;
    if (format === "parquet") {
      bytes += rowTokens(side) * PARQUET_TOKEN_BYTES * PARQUET_SHARE[objective];
    } else if (format === "safetensors") {
      const { context, target } = windowShape(dataset);
      bytes += rows * (context + target) * WINDOW_TOKEN_BYTES;
    } else if (format === "npy") {
      bytes += side.tokens * (side.idType === "U16" ? 3 : 5) + 8 * documents + NPY_HEADERS;
    } else {
      const { bytes: text, tokens } = splits[side.side];
      // Structure stands for no bytes of text, and is spelled out.
      const spelled = text + tokens;
      const isWindowed = format === "jsonl" && objective !== "causal";
      const times = isWindowed ? rowTokens(side) / Math.max(1, side.tokens) : 1;
      bytes += spelled * times * (format === "jsonl" ? JSON_GROWTH : 1) + 40 * documents;
    }
  }
  return Math.ceil(bytes);
}

/**
 * Refuses an export that does not fit on its disk.
 *
 * @throws {StageError} `E_OUTPUT`.
 */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  const free = await freeBytes(resolve(folder));
  if (free === undefined || bytes <= free) return;
  throw new StageError(
    "E_OUTPUT",
    `The export takes about ${megabytes(bytes)}; ${folder} has ${megabytes(free)} left.`,
    { hint: "Choose another folder, or a format that stores no token twice: --format npy." },
  );
}

/** A size for a person to read. */
export const megabytes = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

/** Free bytes on the disk of the nearest folder above that exists. */
async function freeBytes(folder: string): Promise<number | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      if (at === dirname(at)) return undefined; // Nobody can tell: writing will.
    }
  }
}
