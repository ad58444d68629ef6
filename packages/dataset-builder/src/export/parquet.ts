import { join } from "node:path";
import { AtomicFile, throwIfAborted } from "@repotune/schema";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { rowExamples } from "./examples.ts";
import type { ExportedSide, ExportJob } from "./export-job.ts";
import { labelsOf } from "./labels.ts";
import type { OpenSide } from "./open-dataset.ts";

/** Tokens of a row group: it is held in memory. */
const GROUP_TOKENS = 1 << 18;
/** An id, a label and a mask, four bytes each. */
export const PARQUET_TOKEN_BYTES = 12;

const COLUMNS = ["input_ids", "attention_mask", "labels"] as const;

/** Three columns, each a list of 32-bit numbers a row, none of them null. */
const SCHEMA: SchemaElement[] = [
  { name: "schema", num_children: COLUMNS.length },
  ...COLUMNS.flatMap((name): SchemaElement[] => [
    { name, repetition_type: "REQUIRED", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type: "INT32", repetition_type: "REQUIRED" },
  ]),
];

/**
 * Writes a side as `data/<side>-00000-of-0000N.parquet`, a piece or window a row, in Hugging Face's
 * layout: `input_ids`, `attention_mask` and `labels`, unpadded.
 */
export async function exportParquet(job: ExportJob, side: OpenSide): Promise<ExportedSide> {
  const { options, context } = job;
  const rows = side.rows.length / 3;
  const tokens = rowTokens(side);
  const shardTokens = (options.shardMegabytes * 1e6) / PARQUET_TOKEN_BYTES;
  const shards = Math.max(1, Math.ceil(tokens / shardTokens));
  const perShard = Math.ceil(rows / shards);
  const exported: ExportedSide = { side: side.side, files: [], examples: rows, tokens };
  for (let shard = 0; shard < shards; shard++) {
    const number = (n: number) => String(n).padStart(5, "0");
    const name = `data/${side.side}-${number(shard)}-of-${number(shards)}.parquet`;
    const file = await AtomicFile.create(join(options.outputDir, name));
    try {
      const writer = new ByteWriter();
      const parquet = new ParquetWriter({ writer, schema: SCHEMA, createdBy: job.createdBy });
      const drain = async () => {
        // The writer goes on in the same buffer.
        await file.write(Uint8Array.from(writer.getBytes()));
        writer.index = 0;
      };
      const end = Math.min(rows, (shard + 1) * perShard);
      let group = emptyGroup();
      const flush = async () => {
        if (group.tokens === 0) return;
        const columnData = COLUMNS.map((column) => ({ name: column, data: group[column] }));
        await parquet.write({ columnData, rowGroupSize: group.input_ids.length });
        group = emptyGroup();
        await drain();
      };
      for await (const example of rowExamples(side, shard * perShard, end)) {
        throwIfAborted(context.signal);
        job.count(1);
        group.input_ids.push(Array.from(example.ids));
        group.attention_mask.push(new Array<number>(example.ids.length).fill(1));
        group.labels.push(labelsOf(example, options.minLossWeight));
        group.tokens += example.ids.length;
        if (group.tokens >= GROUP_TOKENS) await flush();
      }
      await flush();
      await parquet.finish();
      await drain();
    } catch (error) {
      await file.discard();
      throw error;
    }
    exported.files.push({ ...(await file.commit()), path: name });
  }
  return exported;
}

const emptyGroup = () => ({
  input_ids: [] as number[][],
  attention_mask: [] as number[][],
  labels: [] as number[][],
  tokens: 0,
});

/** Tokens in all rows of a side, those in several rows counted each time. */
export function rowTokens({ rows }: OpenSide): number {
  let tokens = 0;
  for (let at = 0; at < rows.length; at += 3) {
    tokens += (rows[at + 2] as number) - (rows[at] as number);
  }
  return tokens;
}
